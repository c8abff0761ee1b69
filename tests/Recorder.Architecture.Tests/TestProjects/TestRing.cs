namespace Recorder.Architecture.Tests.TestProjects;

/// <summary>A ring of tests: what they may use, and with it how long they take. <c>deploy/test --ring</c> runs a
/// ring.</summary>
/// <param name="Name">Its word in <c>[Trait("ring", …)]</c>.</param>
/// <param name="Barred">
/// Full names of types that its tests do not use. A name that ends with a dot stands for a namespace and those below,
/// and one with <c>::</c> for a method.
/// </param>
internal sealed record TestRing(string Name, IReadOnlyList<string> Barred)
{
    private static readonly string[] Processes =
    [
        "System.Diagnostics.Process",
        "System.Diagnostics.ProcessStartInfo",
        "PuppeteerSharp.",
        "Recorder.Node.Processes.ProcessLauncher::.ctor",
        "Recorder.Worker.GStreamer.",
        "Recorder.Worker.Loop.WorkerProcess",
    ];

    private static readonly string[] Farms =
    [
        "Microsoft.Extensions.Hosting.IHost",
        "Npgsql.NpgsqlConnection",
        "Npgsql.NpgsqlDataSource",
        "Recorder.Cluster.Hosting.RecorderClusterHosting::AddRecorderCluster",
    ];

    private static readonly string[] Systems =
    [
        "Akka.TestKit.",
        "Akka.Actor.ActorSystem",
        "Microsoft.AspNetCore.Builder.WebApplication",
        "System.Net.Http.HttpClient",
        "System.Net.Sockets.Socket",
        "System.Net.Sockets.TcpClient",
        "System.Net.Sockets.TcpListener",
        "System.Net.Sockets.UdpClient",
    ];

    /// <summary>No process, no network, no actor system. A class without a mark is in this ring.</summary>
    public static readonly TestRing Pure = new("pure", [.. Processes, .. Farms, .. Systems]);

    /// <summary>One actor system, one HTTP edge in the test's process, or sockets of loopback.</summary>
    public static readonly TestRing Actor = new("actor", [.. Processes, .. Farms]);

    /// <summary>Nodes and clusters in the test's process, and PostgreSQL. PostgreSQL is a process, so only the review
    /// sees that nothing else is started.</summary>
    public static readonly TestRing Farm = new("farm", []);

    /// <summary>Real processes: Chromium, GStreamer, Xvfb, nginx, containers, the recorder itself.</summary>
    public static readonly TestRing Media = new("media", []);

    /// <summary>All rings, from the inside to the outside.</summary>
    public static readonly IReadOnlyList<TestRing> All = [Pure, Actor, Farm, Media];

    /// <summary>The ring of a class.</summary>
    /// <exception cref="FormatException">Its marks name no ring, or more than one; the message says so.</exception>
    public static TestRing Of(TestClass tests) =>
        tests.Marks switch
        {
            [] => Pure,
            ["pure"] => throw new FormatException(
                $"{tests} is marked as pure. A class without a mark is pure: remove the mark."
            ),
            [var mark] => All.FirstOrDefault(ring => ring.Name == mark)
                ?? throw new FormatException($"{tests} is marked as \"{mark}\", which is no ring."),
            var marks => throw new FormatException(
                $"{tests} is in {marks.Count} rings: {string.Join(", ", marks)}. A class is in one, by a mark of its own or of its base."
            ),
        };

    /// <summary>What a class uses and its ring does not allow, a line each.</summary>
    public IEnumerable<string> Breaches(TestClass tests) =>
        Reach
            .Of(tests.Type)
            .Where(reached =>
                Barred.Any(barred =>
                    barred.EndsWith('.')
                        ? reached.Key.StartsWith(barred, StringComparison.Ordinal)
                        : reached.Key == barred
                )
            )
            .Select(reached => $"{tests} reaches {reached.Key} in {reached.Value}");
}
