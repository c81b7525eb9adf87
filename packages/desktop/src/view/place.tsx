import type { Place as PlaceData } from '@ringdown/client'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Desktop } from '../model/desktop.ts'
import { isHeld, isOwnPlace, placesToShow } from '../model/places.ts'
import { isAdmin } from '../model/signing.ts'
import { useAct } from './act.ts'
import { Check, Flask, Logo, Out, Search, Warning } from './icons.tsx'
import { ProblemText } from './problem-text.tsx'
import { useText } from './text.ts'

/** How long the last key was pressed ago before the server is asked, milliseconds. */
const pauseMs = 250

export function PlacePage({ desktop }: { desktop: Desktop }) {
  const say = useText()
  const { tell } = useAct()
  const [search, setSearch] = useState('')
  const asked = useRef('')
  useEffect(() => {
    if (search === asked.current) return
    const timer = setTimeout(() => {
      asked.current = search
      tell({ input: 'searchPlaces', search })
    }, pauseMs)
    return () => clearTimeout(timer)
  }, [search, tell])
  const { problem, me } = desktop
  const places = placesToShow(desktop)
  return (
    <main class="front">
      <div class="card places">
        <header class="card-head">
          <Logo />
          <div>
            <h1>{say('place.title')}</h1>
            <p class="lead">{say('place.lead', { name: me?.name ?? '' })}</p>
          </div>
        </header>
        <div role="alert">{problem && <ProblemText problem={problem} />}</div>
        <label class="field search">
          <span class="away">{say('place.search')}</span>
          <Search />
          <input
            type="search"
            value={search}
            aria-label={say('place.search')}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        </label>
        {places === null && <p role="status">{say('place.reading')}</p>}
        {places?.length === 0 && <p role="status">{say('place.none')}</p>}
        <ul class="place-list">
          {places?.map((place) => (
            <PlaceEntry key={place.name} place={place} desktop={desktop} />
          ))}
        </ul>
        {isAdmin(desktop) && (
          <button type="button" class="quiet" onClick={() => tell({ input: 'openPage', page: 'lab' })}>
            <Flask />
            {say('menu.lab')}
          </button>
        )}
        <button type="button" class="quiet" onClick={() => tell({ input: 'signOut' })}>
          <Out />
          {say('place.signOut')}
        </button>
      </div>
    </main>
  )
}

function PlaceEntry({ place, desktop }: { place: PlaceData; desktop: Desktop }) {
  const say = useText()
  const { devices } = place
  return (
    <li class="place">
      <h2>
        {place.name}
        {isOwnPlace(desktop, place) && <span class="own-place">{say('place.own')}</span>}
      </h2>
      {devices.length === 0 && <p class="small">{say('place.noDevice')}</p>}
      {devices.map((device) => (
        <DeviceEntry key={device.path} place={place} device={device} desktop={desktop} />
      ))}
      {devices.length === 1 && <Take desktop={desktop} place={place} label={place.name} />}
    </li>
  )
}

function DeviceEntry(props: { place: PlaceData; device: PlaceData['devices'][number]; desktop: Desktop }) {
  const { place, device, desktop } = props
  const say = useText()
  const held = isHeld(desktop, device)
  return (
    <div class="device">
      <p>
        <strong>{say('place.device', { number: device.phoneNumber })}</strong>{' '}
        <span class={held ? 'held' : 'free'}>
          {held ? say('place.heldBy', { name: device.heldBy ?? '' }) : say('place.free')}
        </span>
      </p>
      <p class={`access ${device.imAccess}`}>
        {device.imAccess === 'api' ? <Check /> : <Warning />}
        {say(`place.access.${device.imAccess}`)}
      </p>
      {place.devices.length > 1 && (
        <Take desktop={desktop} place={place} device={device.path} label={`${place.name}, ${device.phoneNumber}`} />
      )}
    </div>
  )
}

function Take(props: { desktop: Desktop; place: PlaceData; device?: string; label: string }) {
  const { desktop, place, device, label } = props
  const say = useText()
  const { tell } = useAct()
  const held = place.devices.some((one) => (device === undefined || one.path === device) && isHeld(desktop, one))
  return (
    <button
      type="button"
      class={held ? '' : 'primary'}
      disabled={desktop.busy.has('takePlace')}
      aria-label={`${say('place.take')}: ${label}`}
      onClick={() => tell({ input: 'takePlace', place: place.name, ...(device && { devicePath: device }) })}
    >
      {say('place.take')}
    </button>
  )
}
