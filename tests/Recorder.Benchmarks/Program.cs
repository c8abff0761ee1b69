using System.CommandLine;
using System.Runtime.Versioning;
using Recorder.Benchmarks;
using Recorder.Benchmarks.Systems;

[assembly: SupportedOSPlatform("linux")]

return await new RootCommand("Benchmarks of the recorder against its peers, on this machine.")
{
    SessionCommand.Create(),
    FarmCommand.CreateFailover(),
    FarmCommand.CreateHandOver(),
    PlacementCommand.Create(),
    FlappingCommand.Create(),
    RtpCommand.Create(),
    RestCommand.Create(),
    SoundCommand.Create(),
    SoundAloneCommand.Create(),
    DetectorsCommand.Create(),
    ControlCommand.Create(),
    JournalCommand.Create(),
    WebhooksCommand.Create(),
    RecordsCommand.Create(),
    FuzzCommand.Create(),
    KeyedCommand.Create(),
    WeighCommand.Create(),
    UploadCommand.Create(),
    BesideUploadCommand.Create(),
    PlayedNodeCommand.Create(),
    PlainUploadCommand.Create(),
}
    .Parse(args)
    // Ctrl-C: time enough to end the processes of the session at hand.
    .InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
