// Written by build/write-api.ts from packages/facade/openapi.json; a test compares them. Do not edit.

export interface paths {
    readonly "/api/v2/me": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Who you are; also the way to log in */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    readonly fields?: string;
                    /** @description `*`, or names of collections to show inside the user */
                    readonly subresources?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        /** Log in at a place, log out, change your state */
        readonly post: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
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
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/me/channels/{channel}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Change your state on one channel; IM rides on `voice` */
        readonly post: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly channel: string;
                };
                readonly cookie?: never;
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
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/me/im-sessions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The IM session you are in, if any */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        /** Start an IM session */
        readonly post: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
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
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/im-sessions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The IM session you are in, if any */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/me/im-sessions/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One of your IM sessions; an ended one as long as it is kept */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        /** Work on an IM session */
        readonly post: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
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
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/me/im-sessions/{id}/messages": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The transcript: texts in the order of acceptance */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description Position; 0 or absent: from the start */
                    readonly after?: string;
                    /** @description At most 1000; 100 when absent */
                    readonly limit?: string;
                };
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/im-sessions/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One of your IM sessions; an ended one as long as it is kept */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        /** Work on an IM session */
        readonly post: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
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
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/im-sessions/{id}/messages": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The transcript: texts in the order of acceptance */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description Position; 0 or absent: from the start */
                    readonly after?: string;
                    /** @description At most 1000; 100 when absent */
                    readonly limit?: string;
                };
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/me/devices": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The devices of the place you are logged in at, or of your own place */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/devices": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** All devices */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/me/devices/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One of your devices; any device for administrators */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/devices/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One of your devices; any device for administrators */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/features": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The features of your contact centre */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly uris?: readonly string[];
                            readonly features?: readonly {
                                readonly id?: string;
                                readonly displayName?: string;
                                readonly description?: string;
                                readonly path?: string;
                                readonly uri?: string;
                            }[];
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/features/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One feature of your contact centre */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly feature: {
                                readonly id?: string;
                                readonly displayName?: string;
                                readonly description?: string;
                                readonly path?: string;
                                readonly uri?: string;
                            };
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/system/features": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** All features there are */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly uris?: readonly string[];
                            readonly features?: readonly {
                                readonly id?: string;
                                readonly displayName?: string;
                                readonly description?: string;
                                readonly path?: string;
                                readonly uri?: string;
                            }[];
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/settings": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The groups of settings */
        readonly get: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly settings: readonly {
                                readonly displayName: string;
                                readonly uri: string;
                            }[];
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/settings/agent-states": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The states an agent can take; `operationName` takes it */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            /** @enum {string} */
                            readonly key: "id";
                            readonly settings: readonly {
                                readonly id: string;
                                readonly displayName: string;
                                /** @enum {unknown} */
                                readonly state: "Ready" | "NotReady" | "LoggedOut";
                                /** @enum {string} */
                                readonly workMode?: "AfterCallWork";
                                readonly operationName: string;
                            }[];
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/diagnostics/version": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What runs here; needs no login */
        readonly get: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly version: string;
                            /** @enum {string} */
                            readonly product: "Ringdown";
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/users": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** All users */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly uris?: readonly string[];
                            readonly users?: readonly {
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
                            }[];
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        /** Create a user */
        readonly post: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        readonly firstName: string;
                        readonly lastName: string;
                        readonly userName: string;
                        /** @description Never shown again */
                        readonly password: string;
                        /** @description `ROLE_AGENT` or `agent`, and so on */
                        readonly roles: readonly string[];
                        readonly emailAddress?: string;
                        readonly enabled?: boolean;
                    };
                };
            };
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly id: string;
                            readonly uri: string;
                            readonly path: string;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/users/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One user */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    readonly fields?: string;
                    /** @description `*`, or names of collections to show inside the user */
                    readonly subresources?: string;
                };
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        /** Change a user; what is not given stays */
        readonly put: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        readonly firstName?: string;
                        readonly lastName?: string;
                        readonly userName?: string;
                        /** @description Never shown again */
                        readonly password?: string;
                        /** @description `ROLE_AGENT` or `agent`, and so on */
                        readonly roles?: readonly string[];
                        readonly emailAddress?: string;
                        readonly enabled?: boolean;
                    };
                };
            };
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly post?: never;
        /** Remove a user; their IM session ends */
        readonly delete: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/users/{id}/devices": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** A user's devices */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        /** Give a device to a user; its previous owner loses it */
        readonly post: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        readonly phoneNumber: string;
                        /** @description Of a device that does not exist yet */
                        readonly type?: string;
                    };
                };
            };
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly id: string;
                            readonly uri: string;
                            readonly path: string;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/users/{id}/channels/{channel}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Change an agent's state; Offline frees the place of somebody who has left */
        readonly post: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                    readonly channel: string;
                };
                readonly cookie?: never;
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
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/places": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Places to work at and who is there, by name; at most 100 */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description Part of a name or a number, in any case */
                    readonly search?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/contacts": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The other agents and their state, by name; at most 50 */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description Part of a name or a number, in any case */
                    readonly search?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/me/ended-im-sessions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Your sessions that have ended and are still kept, the newest first; at most 100 */
        readonly get: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/me/phone": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Where a browser registers as the SIP endpoint of your device */
        readonly get: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
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
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/platform/configuration/dns": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** All dns; parameters filter, in quotes they are text */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly dns: readonly {
                                readonly DBID: string;
                                readonly number: string;
                                readonly userProperties?: unknown;
                            }[];
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        /** Create a dn */
        readonly post: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        readonly userProperties?: {
                            readonly [key: string]: {
                                readonly [key: string]: string;
                            };
                        };
                        /** @description Never shown again */
                        readonly password?: string;
                    } & {
                        readonly [key: string]: unknown;
                    };
                };
            };
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly id: string;
                            readonly uri: string;
                            readonly path: string;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/platform/configuration/dns/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One of the dns, by its DBID */
        readonly get: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly dn: {
                                readonly DBID?: string;
                                readonly number?: string;
                                readonly userProperties?: unknown;
                            };
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        /** Change a dn; what is not given stays, userProperties are replaced as a whole */
        readonly put: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        readonly userProperties?: {
                            readonly [key: string]: {
                                readonly [key: string]: string;
                            };
                        };
                        /** @description Never shown again */
                        readonly password?: string;
                    } & {
                        readonly [key: string]: unknown;
                    };
                };
            };
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly post?: never;
        /** Remove a dn that nothing refers to */
        readonly delete: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/platform/configuration/places": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** All places; parameters filter, in quotes they are text */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly places: readonly {
                                readonly DBID: string;
                                readonly name: string;
                                readonly userProperties?: unknown;
                            }[];
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        /** Create a place */
        readonly post: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        readonly userProperties?: {
                            readonly [key: string]: {
                                readonly [key: string]: string;
                            };
                        };
                        /** @description Never shown again */
                        readonly password?: string;
                    } & {
                        readonly [key: string]: unknown;
                    };
                };
            };
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly id: string;
                            readonly uri: string;
                            readonly path: string;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/platform/configuration/places/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One of the places, by its DBID */
        readonly get: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly place: {
                                readonly DBID?: string;
                                readonly name?: string;
                                readonly userProperties?: unknown;
                            };
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        /** Change a place; what is not given stays, userProperties are replaced as a whole */
        readonly put: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        readonly userProperties?: {
                            readonly [key: string]: {
                                readonly [key: string]: string;
                            };
                        };
                        /** @description Never shown again */
                        readonly password?: string;
                    } & {
                        readonly [key: string]: unknown;
                    };
                };
            };
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly post?: never;
        /** Remove a place that nothing refers to */
        readonly delete: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/platform/configuration/persons": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** All persons; parameters filter, in quotes they are text */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly persons: readonly {
                                readonly DBID: string;
                                readonly userName: string;
                                readonly userProperties?: unknown;
                            }[];
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        /** Create a person */
        readonly post: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        readonly userProperties?: {
                            readonly [key: string]: {
                                readonly [key: string]: string;
                            };
                        };
                        /** @description Never shown again */
                        readonly password?: string;
                    } & {
                        readonly [key: string]: unknown;
                    };
                };
            };
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly id: string;
                            readonly uri: string;
                            readonly path: string;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/platform/configuration/persons/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One of the persons, by its DBID */
        readonly get: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly person: {
                                readonly DBID?: string;
                                readonly userName?: string;
                                readonly userProperties?: unknown;
                            };
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        /** Change a person; what is not given stays, userProperties are replaced as a whole */
        readonly put: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        readonly userProperties?: {
                            readonly [key: string]: {
                                readonly [key: string]: string;
                            };
                        };
                        /** @description Never shown again */
                        readonly password?: string;
                    } & {
                        readonly [key: string]: unknown;
                    };
                };
            };
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly post?: never;
        /** Remove a person that nothing refers to */
        readonly delete: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/platform/configuration/agent-logins": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** All agent-logins; parameters filter, in quotes they are text */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly "agent-logins": readonly {
                                readonly DBID: string;
                                readonly loginCode: string;
                                readonly userProperties?: unknown;
                            }[];
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        /** Create a agent-login */
        readonly post: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        readonly userProperties?: {
                            readonly [key: string]: {
                                readonly [key: string]: string;
                            };
                        };
                        /** @description Never shown again */
                        readonly password?: string;
                    } & {
                        readonly [key: string]: unknown;
                    };
                };
            };
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly id: string;
                            readonly uri: string;
                            readonly path: string;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/platform/configuration/agent-logins/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One of the agent-logins, by its DBID */
        readonly get: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly "agent-login": {
                                readonly DBID?: string;
                                readonly loginCode?: string;
                                readonly userProperties?: unknown;
                            };
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        /** Change a agent-login; what is not given stays, userProperties are replaced as a whole */
        readonly put: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        readonly userProperties?: {
                            readonly [key: string]: {
                                readonly [key: string]: string;
                            };
                        };
                        /** @description Never shown again */
                        readonly password?: string;
                    } & {
                        readonly [key: string]: unknown;
                    };
                };
            };
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly post?: never;
        /** Remove a agent-login that nothing refers to */
        readonly delete: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/platform/configuration/switches": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** All switches; parameters filter, in quotes they are text */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `*`, or names separated by commas */
                    readonly fields?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly switches: readonly {
                                readonly DBID: string;
                                readonly name: string;
                                readonly userProperties?: unknown;
                            }[];
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        /** Create a switch */
        readonly post: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        readonly userProperties?: {
                            readonly [key: string]: {
                                readonly [key: string]: string;
                            };
                        };
                        /** @description Never shown again */
                        readonly password?: string;
                    } & {
                        readonly [key: string]: unknown;
                    };
                };
            };
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly id: string;
                            readonly uri: string;
                            readonly path: string;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/platform/configuration/switches/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One of the switches, by its DBID */
        readonly get: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly switch: {
                                readonly DBID?: string;
                                readonly name?: string;
                                readonly userProperties?: unknown;
                            };
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        /** Change a switch; what is not given stays, userProperties are replaced as a whole */
        readonly put: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        readonly userProperties?: {
                            readonly [key: string]: {
                                readonly [key: string]: string;
                            };
                        };
                        /** @description Never shown again */
                        readonly password?: string;
                    } & {
                        readonly [key: string]: unknown;
                    };
                };
            };
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly post?: never;
        /** Remove a switch that nothing refers to */
        readonly delete: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/system": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Read the configuration file of this node again */
        readonly post: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        /** @enum {string} */
                        readonly operationName: "ReloadConfiguration";
                    };
                };
            };
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            /** @description Keys of the file that changed and wait for a restart */
                            readonly restart: readonly string[];
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/lab/sessions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Living sessions, oldest first, and how many there are; or one of them, living or ended */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `next` of the page before */
                    readonly after?: string;
                    /** @description At most 200; 50 where it is absent */
                    readonly limit?: string;
                    /** @description The one with this id, living or ended */
                    readonly id?: string;
                    /** @description The one this user is in */
                    readonly agent?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly sessions: readonly {
                                readonly callUUID: string;
                                /** @enum {unknown} */
                                readonly state: "dialing" | "talking" | "ended";
                                /** @description Milliseconds since 1970 */
                                readonly created: number;
                                readonly parties: readonly {
                                    readonly dn: string;
                                    readonly role: string;
                                    readonly state: string;
                                    /** @enum {unknown} */
                                    readonly leg: "tlibrary" | "sip";
                                    readonly agent: string | null;
                                    readonly sip?: {
                                        readonly owner: string;
                                        readonly mode: string;
                                        readonly trunk: string | null;
                                    };
                                }[];
                                readonly userDataKeys: readonly string[];
                                readonly end?: {
                                    readonly by: string | null;
                                    readonly why: string;
                                    /** @description Milliseconds since 1970 */
                                    readonly at: number;
                                    readonly sipStatus?: number;
                                    readonly sipReason?: string;
                                };
                            }[];
                            /** @description Where the next page begins; absent behind the last */
                            readonly next?: string;
                            /** @description All that live, at most a second ago */
                            readonly counts: {
                                readonly dialing: number;
                                readonly talking: number;
                            };
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/lab/agents": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Agents and supervisors by user name: where they work, their state, their session */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `next` of the page before */
                    readonly after?: string;
                    /** @description At most 200; 50 where it is absent */
                    readonly limit?: string;
                    /** @description Part of what is shown, in any case */
                    readonly q?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly agents: readonly {
                                readonly userName: string;
                                readonly firstName: string;
                                readonly lastName: string;
                                readonly enabled: boolean;
                                /** @description Where they are logged in */
                                readonly place: string | null;
                                /** @description The DNs they hold there */
                                readonly dns: readonly string[];
                                readonly userState: {
                                    readonly id: string;
                                    readonly displayName: string;
                                    /** @enum {unknown} */
                                    readonly state: "Ready" | "NotReady" | "LoggedOut";
                                    /** @enum {string} */
                                    readonly workMode?: "AfterCallWork";
                                };
                                readonly session: string | null;
                            }[];
                            /** @description Where the next page begins; absent behind the last */
                            readonly next?: string;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/lab/dns": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** DNs by number: Annex, how they take part in IM, who is there, what is wrong with them */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `next` of the page before */
                    readonly after?: string;
                    /** @description At most 200; 50 where it is absent */
                    readonly limit?: string;
                    /** @description Part of what is shown, in any case */
                    readonly q?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly dns: readonly {
                                readonly number: string;
                                readonly type: string;
                                readonly switch: string;
                                /** @description Options by section, without the password */
                                readonly annex: {
                                    readonly [key: string]: {
                                        readonly [key: string]: string;
                                    };
                                };
                                /**
                                 * @description How the device takes part in IM: by this API, by its SIP endpoint, or not at all
                                 * @enum {unknown}
                                 */
                                readonly imAccess: "api" | "sip" | "none";
                                readonly places: readonly string[];
                                /** @description User name of who is logged in there */
                                readonly agent: string | null;
                                /** @description SIP addresses registered for it now */
                                readonly contacts: number;
                                /** @description Why it cannot be used as it seems to be meant */
                                readonly problems: readonly string[];
                            }[];
                            /** @description Where the next page begins; absent behind the last */
                            readonly next?: string;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/lab/nodes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The nodes on this store, and those that were lost in the last hour */
        readonly get: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly nodes: readonly {
                                readonly name: string;
                                /** @description This node answers */
                                readonly here: boolean;
                                /** @description Milliseconds since 1970 */
                                readonly started: number;
                                /** @description Milliseconds since 1970; a node whose lease has run out is gone */
                                readonly leaseUntil: number;
                                readonly version: string;
                                /** @description SIP legs it holds */
                                readonly legs: number;
                                /** @description CometD and UC AJAX sessions it serves */
                                readonly clients: number;
                            }[];
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/lab/registrations": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What is registered over SIP, by DN; a page ends with a DN and may be shorter than asked for */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `next` of the page before */
                    readonly after?: string;
                    /** @description At most 200; 50 where it is absent */
                    readonly limit?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly registrations: readonly {
                                readonly dn: string;
                                readonly contact: string;
                                readonly transport: string;
                                readonly remote: string;
                                /** @description Milliseconds since 1970 */
                                readonly expires: number;
                                /** @description Reached through the flow it was made over only */
                                readonly flow: boolean;
                                readonly userAgent?: string;
                            }[];
                            /** @description Where the next page begins; absent behind the last */
                            readonly next?: string;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/lab/flows": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** SIP flows of this node */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `next` of the page before */
                    readonly after?: string;
                    /** @description At most 200; 50 where it is absent */
                    readonly limit?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly flows: readonly {
                                readonly id: string;
                                readonly transport: string;
                                readonly local: string;
                                readonly remote: string;
                                /** @description Milliseconds since 1970 */
                                readonly opened: number;
                            }[];
                            /** @description Where the next page begins; absent behind the last */
                            readonly next?: string;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/lab/history": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The last hour in steps of ten seconds */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `at` of the last one known */
                    readonly after?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly samples: readonly {
                                /** @description Milliseconds since 1970 */
                                readonly at: number;
                                readonly sessions: {
                                    readonly dialing: number;
                                    readonly talking: number;
                                } | null;
                                /** @description Accepted by this node in the step */
                                readonly texts: number;
                                /** @description From accepting a text to writing it to a client, ms */
                                readonly delivery: {
                                    readonly p50: number | null;
                                    readonly p99: number | null;
                                };
                                /** @description In the step, by reason */
                                readonly refusals: {
                                    readonly [key: string]: number;
                                };
                                /** @description Waiting now, by name */
                                readonly queues: {
                                    readonly [key: string]: number;
                                };
                                /** @description Parts of one core */
                                readonly cpu: number;
                                /** @description Bytes */
                                readonly memory: number;
                            }[];
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/lab/trace": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What this node has recorded for ladders, and what had to give way */
        readonly get: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly entries: number;
                            readonly bytes: number;
                            /** @description Bytes */
                            readonly limit: number;
                            /** @description Bytes, by reason */
                            readonly discarded: {
                                readonly [key: string]: number;
                            };
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/lab/sessions/{id}/ladder": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The ladder of a session */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description Texts as they are: for supervisors, and each view is in the audit log. Needs the header X-Requested-With, with any value; a page of this server, loaded over HTTPS, goes without */
                    readonly texts?: "show";
                };
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly ladder: {
                                readonly callUUID: string;
                                readonly lanes: readonly {
                                    readonly id: string;
                                    readonly label: string;
                                    /** @enum {unknown} */
                                    readonly kind: "client" | "engine" | "endpoint";
                                }[];
                                readonly entries: readonly {
                                    /** @description The same at every look */
                                    readonly id: string;
                                    /** @description Milliseconds since 1970, with fractions */
                                    readonly at: number;
                                    readonly node: string;
                                    /** @enum {unknown} */
                                    readonly kind: "rest" | "tevent" | "sip" | "msrp" | "cometd" | "ucajax";
                                    /** @description A lane; the same as `to` for what happens within one */
                                    readonly from: string;
                                    readonly to: string;
                                    readonly title: string;
                                    /**
                                     * @description The same message once more
                                     * @enum {boolean}
                                     */
                                    readonly repeated?: true;
                                    /** @description As it was on the wire, texts masked unless they were asked for */
                                    readonly content: string;
                                }[];
                                /** @description What was recorded and had to give way since the session began: bytes by reason */
                                readonly discarded: {
                                    readonly [key: string]: number;
                                };
                                /** @description Nodes that were asked and did not answer */
                                readonly silent: readonly string[];
                            };
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/lab/sessions/{id}/ladder.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The ladder of a session as a file */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description Texts as they are: for supervisors, and each view is in the audit log. Needs the header X-Requested-With, with any value; a page of this server, loaded over HTTPS, goes without */
                    readonly texts?: "show";
                };
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly ladder: {
                                readonly callUUID: string;
                                readonly lanes: readonly {
                                    readonly id: string;
                                    readonly label: string;
                                    /** @enum {unknown} */
                                    readonly kind: "client" | "engine" | "endpoint";
                                }[];
                                readonly entries: readonly {
                                    /** @description The same at every look */
                                    readonly id: string;
                                    /** @description Milliseconds since 1970, with fractions */
                                    readonly at: number;
                                    readonly node: string;
                                    /** @enum {unknown} */
                                    readonly kind: "rest" | "tevent" | "sip" | "msrp" | "cometd" | "ucajax";
                                    /** @description A lane; the same as `to` for what happens within one */
                                    readonly from: string;
                                    readonly to: string;
                                    readonly title: string;
                                    /**
                                     * @description The same message once more
                                     * @enum {boolean}
                                     */
                                    readonly repeated?: true;
                                    /** @description As it was on the wire, texts masked unless they were asked for */
                                    readonly content: string;
                                }[];
                                /** @description What was recorded and had to give way since the session began: bytes by reason */
                                readonly discarded: {
                                    readonly [key: string]: number;
                                };
                                /** @description Nodes that were asked and did not answer */
                                readonly silent: readonly string[];
                            };
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/lab/sessions/{id}/ladder.pcap": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** SIP and MSRP of a session, for Wireshark */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description Texts as they are: for supervisors, and each view is in the audit log. Needs the header X-Requested-With, with any value; a page of this server, loaded over HTTPS, goes without */
                    readonly texts?: "show";
                };
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description The file */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/vnd.tcpdump.pcap": string;
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/lab/sessions/{id}/ladder.svg": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The ladder of a session as a picture */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description Texts as they are: for supervisors, and each view is in the audit log. Needs the header X-Requested-With, with any value; a page of this server, loaded over HTTPS, goes without */
                    readonly texts?: "show";
                };
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description The file */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "image/svg+xml": string;
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/lab/load-runs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The load run that goes on, and the last ones, newest first */
        readonly get: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly loadRuns: readonly {
                                readonly id: string;
                                readonly wanted: {
                                    /** @description Pairs of agents that talk */
                                    readonly pairs: number;
                                    /** @description All pairs together */
                                    readonly textsPerSecond: number;
                                    readonly seconds: number;
                                };
                                /** @description User name */
                                readonly by: string;
                                /** @description Milliseconds since 1970 */
                                readonly started: number;
                                /** @enum {unknown} */
                                readonly state: "preparing" | "running" | "clearing" | "done" | "stopped" | "failed";
                                /** @description 0 … 1 */
                                readonly progress: number;
                                readonly accepted: number;
                                readonly delivered: number;
                                readonly lost: number;
                                /** @description From sending to seeing, ms */
                                readonly latency: {
                                    readonly p50: number | null;
                                    readonly p99: number | null;
                                    readonly max: number | null;
                                };
                                /** @description Why it failed, in a sentence */
                                readonly problem?: string;
                            }[];
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        /** Start a load run: agents of its own talk over the public interfaces of this node */
        readonly post: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody: {
                readonly content: {
                    readonly "application/json": {
                        /** @description Pairs of agents that talk */
                        readonly pairs: number;
                        /** @description All pairs together */
                        readonly textsPerSecond: number;
                        readonly seconds: number;
                    };
                };
            };
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly loadRun: {
                                readonly id: string;
                                readonly wanted: {
                                    /** @description Pairs of agents that talk */
                                    readonly pairs: number;
                                    /** @description All pairs together */
                                    readonly textsPerSecond: number;
                                    readonly seconds: number;
                                };
                                /** @description User name */
                                readonly by: string;
                                /** @description Milliseconds since 1970 */
                                readonly started: number;
                                /** @enum {unknown} */
                                readonly state: "preparing" | "running" | "clearing" | "done" | "stopped" | "failed";
                                /** @description 0 … 1 */
                                readonly progress: number;
                                readonly accepted: number;
                                readonly delivered: number;
                                readonly lost: number;
                                /** @description From sending to seeing, ms */
                                readonly latency: {
                                    readonly p50: number | null;
                                    readonly p99: number | null;
                                    readonly max: number | null;
                                };
                                /** @description Why it failed, in a sentence */
                                readonly problem?: string;
                            };
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/lab/load-runs/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** Stop a load run and remove its agents */
        readonly delete: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/lab/lock-outs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Who has to wait on this node because of wrong passwords; the longest wait first */
        readonly get: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly lockOuts: readonly {
                                readonly id: string;
                                /** @enum {unknown} */
                                readonly protocol: "http" | "sip";
                                /** @description Whose name was tried, in lower case; absent: any */
                                readonly user?: string;
                                /** @description Where from; absent: anywhere */
                                readonly address?: string;
                                /** @description Wrong passwords since the window began */
                                readonly failures: number;
                                /** @description Milliseconds since 1970 */
                                readonly until: number;
                            }[];
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/lab/lock-outs/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** Let somebody try again at once, on all nodes */
        readonly delete: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path: {
                    readonly id: string;
                };
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/lab/audit": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Who did what to which object, newest first */
        readonly get: {
            readonly parameters: {
                readonly query?: {
                    /** @description `next` of the page before */
                    readonly after?: string;
                    /** @description At most 200; 50 where it is absent */
                    readonly limit?: string;
                };
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description Default Response */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": {
                            /** @enum {number} */
                            readonly statusCode: 0;
                            readonly entries: readonly {
                                /** @description Counted from 1 */
                                readonly position: number;
                                /** @description Milliseconds since 1970 */
                                readonly at: number;
                                /** @description User name */
                                readonly who: string;
                                readonly address: string;
                                readonly what: string;
                                readonly object: string;
                                /** @enum {unknown} */
                                readonly outcome: "done" | "refused";
                                readonly detail?: string;
                            }[];
                            /** @description Where the next page begins; absent behind the last */
                            readonly next?: string;
                        };
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v2/lab/audit.jsonl": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** All of it as JSON Lines, oldest first */
        readonly get: {
            readonly parameters: {
                readonly query?: never;
                readonly header?: never;
                readonly path?: never;
                readonly cookie?: never;
            };
            readonly requestBody?: never;
            readonly responses: {
                /** @description The file */
                readonly 200: {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/jsonl": string;
                    };
                };
                /** @description Refused */
                readonly "4XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
                /** @description Refused */
                readonly "5XX": {
                    headers: {
                        readonly [name: string]: unknown;
                    };
                    content: {
                        readonly "application/json": components["schemas"]["Failure"];
                    };
                };
            };
        };
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
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
