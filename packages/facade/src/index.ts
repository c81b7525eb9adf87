export type { Centre, HttpSession, Login } from './login.ts'
