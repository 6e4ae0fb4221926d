// The client of all examples, made of what `valetkey dev` prints.
import { AgentConnect } from '@valetkey/sdk';

export const agentConnect = new AgentConnect({
  baseUrl: process.env.SCALEKIT_ENVIRONMENT_URL,
  clientId: process.env.SCALEKIT_CLIENT_ID,
  clientSecret: process.env.SCALEKIT_CLIENT_SECRET,
});
