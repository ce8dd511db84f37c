using Xunit.Sdk;
using Xunit.v3;

// Pulumi's mocks share state and must not run side by side.
[assembly: Parallelization(Mode = ParallelMode.None)]
