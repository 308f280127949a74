// The entry `@throughline/test-kit/simulation`.
export type { AgentSurroundings, SimulatedAgent } from './agent.js';
export type { SimulatedServiceOptions } from './deployment.js';
export { type Failure, isSimulationError, type SimulationError } from './failure.js';
export { type SimulationOptions, type SimulationResult, simulate } from './simulate.js';
