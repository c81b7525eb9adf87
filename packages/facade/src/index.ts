export { type AppDeps, createApp } from './app.ts'
export { hashPassword, type ScryptCost, verifyPassword } from './login/password.ts'
export type { Centre, HttpSession, Login } from './login.ts'
export { defaultFacadeOptions, type FacadeOptions } from './options.ts'
