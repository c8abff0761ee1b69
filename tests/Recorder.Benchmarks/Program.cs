using System.CommandLine;
using System.Runtime.Versioning;
using Recorder.Benchmarks;

[assembly: SupportedOSPlatform("linux")]

return await new RootCommand("Benchmarks of the recorder against its peers, on this machine.") { SessionCommand.Create() }
    .Parse(args)
    .InvokeAsync()
    .ConfigureAwait(false);
