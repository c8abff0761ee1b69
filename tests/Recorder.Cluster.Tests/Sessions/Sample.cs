using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions;

/// <summary>The values the tests speak of: the original README's first session, at its own time.</summary>
internal static class Sample
{
    /// <summary>Destinations of these names, which every record goes to.</summary>
    public static DestinationList Destinations(params string[] names) =>
        new(
            [
                .. names.Select(name =>
                    name == "command"
                        ? new Destination(name, name, false, null, [], KeepsColons: true)
                        : new Destination(name, "folder", true, NameTemplate.Own, [], KeepsColons: false)
                ),
            ],
            [.. names]
        );

    public const string Node = "akka.tcp://recorder@127.0.0.1:34569";
    public const string OtherNode = "akka.tcp://recorder@127.0.0.2:34569";
    public const string Folder = "/records";
    public const string FirstRecord = "/records/2021-09-22_07:56:00__0.mp4";

    public static readonly DateTimeOffset Begin = new(2021, 9, 22, 7, 56, 0, TimeSpan.Zero);

    public static readonly SessionId Id = new(1);

    public static readonly SessionSpec Spec = new PageSessionSpec(new Uri("https://example.org/room?headless=1"));

    public static readonly TimeSpan ResumeWindow = TimeSpan.FromMinutes(10);

    /// <summary>A moment on the first node, counted from <see cref="Begin"/>.</summary>
    public static Moment At(double seconds, string node = Node) => new(Time(seconds), node, Folder);

    public static DateTimeOffset Time(double seconds) => Begin.AddSeconds(seconds);
}
