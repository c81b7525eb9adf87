export { hashPassword, type ScryptCost, verifyPassword } from './login/password.ts'
export type { Centre, HttpSession, Login } from './login.ts'
