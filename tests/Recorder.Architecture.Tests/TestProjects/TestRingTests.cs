namespace Recorder.Architecture.Tests.TestProjects;

/// <summary>Every class with tests is in one ring, and uses what its ring allows.</summary>
public sealed class TestRingTests
{
    [Fact]
    public void Every_class_is_in_one_ring()
    {
        var problems = TestAssemblies
            .Classes.Select(tests => Record.Exception(() => TestRing.Of(tests))?.Message)
            .OfType<string>()
            .ToList();

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Fact]
    public void No_class_uses_what_its_ring_does_not_allow()
    {
        var breaches = TestAssemblies
            .Classes.Where(tests => tests.Marks.Count < 2)
            .SelectMany(tests => TestRing.Of(tests).Breaches(tests).Take(3))
            .ToList();

        Assert.True(
            breaches.Count == 0,
            $"Mark the class with [Trait(\"ring\", …)], actor, farm or media, or do without:\n{string.Join('\n', breaches)}"
        );
    }

    [Theory]
    [InlineData("Recorder.Cluster.Tests.Placement.Decisions.AdmissionTests", "pure")]
    [InlineData("Recorder.Cluster.Tests.Sessions.Actor.SessionActorStartTests", "actor")]
    [InlineData("Recorder.Cluster.Tests.Sessions.HandOver.HandOverFaultTests", "farm")]
    [InlineData("Recorder.EndToEnd.Tests.ReferencePageTests", "media")]
    public void A_class_without_a_mark_is_pure_and_another_has_its_own_or_that_of_its_base(string name, string ring) =>
        Assert.Equal(ring, TestRing.Of(Named(name)).Name);

    [Theory]
    [InlineData("Recorder.Cluster.Tests.Sessions.Actor.SessionActorStartTests", "Akka.TestKit.")]
    [InlineData("Recorder.Cluster.Tests.Membership.FirstSeedTests", "System.Net.Sockets.TcpListener")]
    [InlineData("Recorder.Cluster.Tests.Journal.PostgresTests", "System.Diagnostics.Process")]
    [InlineData("Recorder.Http.Tests.Endpoints.SessionsTests", "System.Net.Http.HttpClient")]
    [InlineData("Recorder.Node.Tests.Sound.SoundActorTests", "Recorder.Node.Processes.ProcessLauncher")]
    public void What_a_class_uses_is_seen_in_its_methods_its_base_its_fixture_and_what_it_calls(
        string name,
        string used
    ) =>
        Assert.Contains(
            TestRing.Pure.Breaches(Named(name)),
            breach => breach.Contains($" reaches {used}", StringComparison.Ordinal)
        );

    private static TestClass Named(string name) =>
        Assert.Single(TestAssemblies.Classes, tests => tests.Type.FullName == name);
}
