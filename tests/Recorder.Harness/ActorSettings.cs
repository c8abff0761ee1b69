namespace Recorder.Harness;

/// <summary>Settings of the actor systems in which single actors are tested, in the form of Akka's
/// configuration.</summary>
internal static class ActorSettings
{
    /// <summary>A scheduler whose time the test moves, and a log that nobody reads.</summary>
    public const string OwnTime = """
        akka.loglevel = WARNING
        akka.stdout-loglevel = OFF
        akka.loggers = []
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        akka.test.single-expect-default = 10 s

        """;
}
