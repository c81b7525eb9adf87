// Written by build/write-api.ts from packages/facade/openapi.json; a test compares them. Do not edit.

export interface paths {
    readonly "/api/v2/me": {
        /** Who you are; also the way to log in */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    readonly fields?: string;
                    /** @description `*`, or names of collections to show inside the user */
                    readonly subresources?: string;
                };
            };
            readonly responses: {
                readonly 200: {
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly user: {
                                readonly id?: string;
                                readonly userName?: string;
                                readonly firstName?: string;
                                readonly lastName?: string;
                                readonly emailAddress?: string;
                                readonly roles?: readonly string[];
                                readonly enabled?: boolean;
                                readonly changePasswordOnFirstLogin?: boolean;
                                readonly contactCenterId?: string;
                                readonly path?: string;
                                readonly uri?: string;
                            };
                        };
                    };
                };
            };
        };
        /** Log in at a place, log out, change your state */
        readonly post: {
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        /** @enum {string} */
                        readonly operationName: "StartContactCenterSession";
                        readonly channels?: readonly string[];
                        readonly place?: string;
                        /** @description The `path` of a device: /devices/{id} */
                        readonly devicePath?: string;
                        readonly loginCode?: string;
                        /** @description Taken and not used: IM has no queues */
                        readonly queue?: string;
                    } | {
                        /** @enum {string} */
                        readonly operationName: "EndContactCenterSession";
                    } | {
                        /** @enum {string} */
                        readonly operationName: "Ready";
                    } | {
                        /** @enum {string} */
                        readonly operationName: "NotReady";
                    } | {
                        /** @enum {string} */
                        readonly operationName: "AfterCallWork";
                    } | {
                        /** @enum {string} */
                        readonly operationName: "Offline";
                    };
                };
            };
            readonly responses: {
                readonly 200: {
                    content: {
                        readonly "application/json": {
                            readonly statusCode: 0 | 7;
                            readonly statusMessage?: string;
                            readonly channels?: readonly {
                                readonly channel: string;
                                readonly statusCode: number;
                                readonly statusMessage?: string;
                            }[];
                        };
                    };
                };
            };
        };
    };
    readonly "/api/v2/me/channels/{channel}": {
        /** Change your state on one channel; IM rides on `voice` */
        readonly post: {
            readonly parameters: {
                readonly path: {
                    readonly channel: string;
                };
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        /** @enum {string} */
                        readonly operationName: "Ready";
                    } | {
                        /** @enum {string} */
                        readonly operationName: "NotReady";
                    } | {
                        /** @enum {string} */
                        readonly operationName: "AfterCallWork";
                    } | {
                        /** @enum {string} */
                        readonly operationName: "Offline";
                    };
                };
            };
            readonly responses: {
                readonly 200: {
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
            };
        };
    };
    readonly "/api/v2/me/im-sessions": {
        /** The IM session you are in, if any */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
            };
            readonly responses: {
                readonly 200: {
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly uris?: readonly string[];
                            readonly imSessions?: readonly {
                                readonly id?: string;
                                /** @enum {unknown} */
                                readonly state?: "Initiating" | "Alerting" | "Talking" | "Completed";
                                /**
                                 * UserData
                                 * @description Key-value pairs; JSON types are kept. No key may be __proto__.
                                 */
                                readonly userData?: {
                                    readonly [key: string]: unknown;
                                };
                                readonly participants?: readonly {
                                    readonly digits: string;
                                    readonly e164Number: string;
                                    readonly formattedPhoneNumber: string;
                                    readonly phoneNumber: string;
                                }[];
                                readonly capabilities?: readonly string[];
                                readonly path?: string;
                                readonly uri?: string;
                                readonly endedBy?: string | null;
                                readonly endReason?: string;
                                readonly endSipStatus?: number;
                                readonly endSipReason?: string;
                            }[];
                        };
                    };
                };
            };
        };
        /** Start an IM session */
        readonly post: {
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        /** @enum {string} */
                        readonly operationName: "InitiateIMSession";
                        readonly destination: {
                            readonly phoneNumber: string;
                        };
                        /**
                         * UserData
                         * @description Key-value pairs; JSON types are kept. No key may be __proto__.
                         */
                        readonly userData?: {
                            readonly [key: string]: unknown;
                        };
                        /** @description The `path` of a device: /devices/{id} */
                        readonly devicePath?: string;
                    };
                };
            };
            readonly responses: {
                readonly 200: {
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
            };
        };
    };
    readonly "/api/v2/me/im-sessions/{id}": {
        /** One of your IM sessions; an ended one as long as it is kept */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly path: {
                    readonly id: string;
                };
            };
            readonly responses: {
                readonly 200: {
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly imSession: {
                                readonly id?: string;
                                /** @enum {unknown} */
                                readonly state?: "Initiating" | "Alerting" | "Talking" | "Completed";
                                /**
                                 * UserData
                                 * @description Key-value pairs; JSON types are kept. No key may be __proto__.
                                 */
                                readonly userData?: {
                                    readonly [key: string]: unknown;
                                };
                                readonly participants?: readonly {
                                    readonly digits: string;
                                    readonly e164Number: string;
                                    readonly formattedPhoneNumber: string;
                                    readonly phoneNumber: string;
                                }[];
                                readonly capabilities?: readonly string[];
                                readonly path?: string;
                                readonly uri?: string;
                                readonly endedBy?: string | null;
                                readonly endReason?: string;
                                readonly endSipStatus?: number;
                                readonly endSipReason?: string;
                            };
                        };
                    };
                };
            };
        };
        /** Work on an IM session */
        readonly post: {
            readonly parameters: {
                readonly path: {
                    readonly id: string;
                };
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        /** @enum {string} */
                        readonly operationName: "SendMessage";
                        readonly text: string;
                        readonly destination?: {
                            readonly phoneNumber: string;
                        };
                        /** @description The `path` of a device: /devices/{id} */
                        readonly devicePath?: string;
                        /** @description The same id twice is accepted once and answered alike */
                        readonly messageId?: string;
                    } | {
                        /** @enum {string} */
                        readonly operationName: "AttachUserData";
                        /**
                         * UserData
                         * @description Key-value pairs; JSON types are kept. No key may be __proto__.
                         */
                        readonly userData: {
                            readonly [key: string]: unknown;
                        };
                    } | {
                        /** @enum {string} */
                        readonly operationName: "UpdateUserData";
                        /**
                         * UserData
                         * @description Key-value pairs; JSON types are kept. No key may be __proto__.
                         */
                        readonly userData: {
                            readonly [key: string]: unknown;
                        };
                    } | {
                        /** @enum {string} */
                        readonly operationName: "DeleteUserData";
                        readonly key: string;
                    } | {
                        /** @enum {string} */
                        readonly operationName: "Complete";
                    } | {
                        /** @enum {string} */
                        readonly operationName: "Accept";
                    } | {
                        /** @enum {string} */
                        readonly operationName: "Reject";
                    } | {
                        /** @enum {string} */
                        readonly operationName: "NotifyComposing";
                        /** @description True while a text is being written, false when that has stopped */
                        readonly composing: boolean;
                    } | {
                        /** @enum {string} */
                        readonly operationName: "MarkDisplayed";
                        /** @description A text of the other party, as it came */
                        readonly messageId: string;
                    };
                };
            };
            readonly responses: {
                readonly 200: {
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly messageId?: string;
                            readonly position?: number;
                            readonly timestamp?: string;
                        };
                    };
                };
            };
        };
    };
    readonly "/api/v2/me/im-sessions/{id}/messages": {
        /** The transcript: texts in the order of acceptance */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description Position; 0 or absent: from the start */
                    readonly after?: string;
                    /** @description At most 1000; 100 when absent */
                    readonly limit?: string;
                };
                readonly path: {
                    readonly id: string;
                };
            };
            readonly responses: {
                readonly 200: {
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly messages: readonly {
                                readonly position: number;
                                readonly messageId: string;
                                readonly from: string;
                                readonly timestamp: string;
                                readonly timestampSeconds: number;
                                readonly message: string;
                                /** @description Where it is not text/plain */
                                readonly contentType?: string;
                            }[];
                        };
                    };
                };
            };
        };
    };
    readonly "/api/v2/me/devices": {
        /** The devices of the place you are logged in at, or of your own place */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
            };
            readonly responses: {
                readonly 200: {
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly uris?: readonly string[];
                            readonly devices?: readonly {
                                readonly id?: string;
                                /** @enum {unknown} */
                                readonly deviceState?: "Active" | "Inactive";
                                readonly userState?: {
                                    readonly id: string;
                                    readonly displayName: string;
                                    /** @enum {unknown} */
                                    readonly state: "Ready" | "NotReady" | "LoggedOut";
                                    /** @enum {string} */
                                    readonly workMode?: "AfterCallWork";
                                };
                                readonly phoneNumber?: string;
                                readonly e164Number?: string;
                                /** @enum {string} */
                                readonly telephonyNetwork?: "Private";
                                /** @enum {string} */
                                readonly doNotDisturb?: "Off";
                                readonly type?: string;
                                /** @description `im` marks a device that can carry IM */
                                readonly channels?: readonly string[];
                                /**
                                 * @description How the device takes part in IM: by this API, by its SIP endpoint, or not at all
                                 * @enum {unknown}
                                 */
                                readonly imAccess?: "api" | "sip" | "none";
                                readonly capabilities?: readonly string[];
                                readonly path?: string;
                                readonly uri?: string;
                            }[];
                        };
                    };
                };
            };
        };
    };
    readonly "/api/v2/me/devices/{id}": {
        /** One of your devices; any device for administrators */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly path: {
                    readonly id: string;
                };
            };
            readonly responses: {
                readonly 200: {
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly device: {
                                readonly id?: string;
                                /** @enum {unknown} */
                                readonly deviceState?: "Active" | "Inactive";
                                readonly userState?: {
                                    readonly id: string;
                                    readonly displayName: string;
                                    /** @enum {unknown} */
                                    readonly state: "Ready" | "NotReady" | "LoggedOut";
                                    /** @enum {string} */
                                    readonly workMode?: "AfterCallWork";
                                };
                                readonly phoneNumber?: string;
                                readonly e164Number?: string;
                                /** @enum {string} */
                                readonly telephonyNetwork?: "Private";
                                /** @enum {string} */
                                readonly doNotDisturb?: "Off";
                                readonly type?: string;
                                /** @description `im` marks a device that can carry IM */
                                readonly channels?: readonly string[];
                                /**
                                 * @description How the device takes part in IM: by this API, by its SIP endpoint, or not at all
                                 * @enum {unknown}
                                 */
                                readonly imAccess?: "api" | "sip" | "none";
                                readonly capabilities?: readonly string[];
                                readonly path?: string;
                                readonly uri?: string;
                            };
                        };
                    };
                };
            };
        };
    };
    readonly "/api/v2/places": {
        /** Places to work at and who is there, by name; at most 100 */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description Part of a name or a number, in any case */
                    readonly search?: string;
                };
            };
            readonly responses: {
                readonly 200: {
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly places: readonly {
                                readonly name: string;
                                readonly devices: readonly {
                                    readonly phoneNumber: string;
                                    readonly type: string;
                                    /**
                                     * @description How the device takes part in IM: by this API, by its SIP endpoint, or not at all
                                     * @enum {unknown}
                                     */
                                    readonly imAccess: "api" | "sip" | "none";
                                    readonly path: string;
                                    /** @description User name of who is logged in there */
                                    readonly heldBy: string | null;
                                }[];
                            }[];
                        };
                    };
                };
            };
        };
    };
    readonly "/api/v2/contacts": {
        /** The other agents and their state, by name; at most 50 */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description Part of a name or a number, in any case */
                    readonly search?: string;
                };
            };
            readonly responses: {
                readonly 200: {
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly contacts: readonly {
                                readonly userName: string;
                                readonly firstName: string;
                                readonly lastName: string;
                                /** @description Where they are logged in, else their own device that can do IM */
                                readonly phoneNumber: string | null;
                                readonly userState: {
                                    readonly id: string;
                                    readonly displayName: string;
                                    /** @enum {unknown} */
                                    readonly state: "Ready" | "NotReady" | "LoggedOut";
                                    /** @enum {string} */
                                    readonly workMode?: "AfterCallWork";
                                };
                                /** @description They are in an IM session now */
                                readonly inSession: boolean;
                            }[];
                            /** @description There are more than are listed; search for them */
                            readonly more: boolean;
                        };
                    };
                };
            };
        };
    };
    readonly "/api/v2/me/ended-im-sessions": {
        /** Your sessions that have ended and are still kept, the newest first; at most 100 */
        readonly get: {
            readonly responses: {
                readonly 200: {
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly imSessions: readonly {
                                readonly id: string;
                                /** @enum {unknown} */
                                readonly state: "Initiating" | "Alerting" | "Talking" | "Completed";
                                /**
                                 * UserData
                                 * @description Key-value pairs; JSON types are kept. No key may be __proto__.
                                 */
                                readonly userData?: {
                                    readonly [key: string]: unknown;
                                };
                                readonly participants: readonly {
                                    readonly digits: string;
                                    readonly e164Number: string;
                                    readonly formattedPhoneNumber: string;
                                    readonly phoneNumber: string;
                                }[];
                                readonly capabilities: readonly string[];
                                readonly path: string;
                                readonly uri: string;
                                readonly endedBy?: string | null;
                                readonly endReason?: string;
                                readonly endSipStatus?: number;
                                readonly endSipReason?: string;
                                /** @description ISO 8601 */
                                readonly began: string;
                                /** @description ISO 8601 */
                                readonly ended: string;
                            }[];
                        };
                    };
                };
            };
        };
    };
    readonly "/api/v2/me/phone": {
        /** Where a browser registers as the SIP endpoint of your device */
        readonly get: {
            readonly responses: {
                readonly 200: {
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly phone: {
                                /** @description URL of SIP over WebSocket, RFC 7118 */
                                readonly server: string;
                                /** @description Host of the SIP addresses: sip:<phoneNumber>@<domain> */
                                readonly domain: string;
                            };
                        };
                    };
                };
            };
        };
    };
}
export interface components {
    schemas: {
        readonly Failure: {
            /** @description Never 0; web-services-api §1.4 */
            readonly statusCode: number;
            readonly statusMessage: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
