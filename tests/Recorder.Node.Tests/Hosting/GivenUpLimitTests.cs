using Akka;
using Akka.Actor;
using Akka.Configuration;
using Recorder.Node.Hosting;

namespace Recorder.Node.Tests.Hosting;

/// <summary>A shutdown whose steps never end.</summary>
[Trait("ring", "actor")]
public sealed class GivenUpLimitTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _reached = new();
    private readonly ActorSystem _system = ActorSystem.Create(
        "node",
        ConfigurationFactory.ParseString(
            "akka.coordinated-shutdown { exit-clr = off, run-by-clr-shutdown-hook = off, phases.service-stop.timeout = 1 h }"
        )
    );

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        // The shutdown hangs, as the tests want it to.
        _ = _system.Terminate();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_a_node_that_was_given_up_has_a_limit(bool givenUp)
    {
        var passed = await HangAsync(
            givenUp
                ? CoordinatedShutdown.ClusterDowningReason.Instance
                : CoordinatedShutdown.ClusterLeavingReason.Instance,
            TimeSpan.Zero
        );

        Assert.Equal(givenUp, passed.IsCompleted);
    }

    [Fact]
    public async Task The_limit_does_not_pass_at_once()
    {
        var passed = await HangAsync(CoordinatedShutdown.ClusterDowningReason.Instance, GivenUpLimit.Limit);

        Assert.False(passed.IsCompleted);
    }

    private async Task<Task> HangAsync(CoordinatedShutdown.Reason reason, TimeSpan limit)
    {
        var shutdown = CoordinatedShutdown.Get(_system);
        var passed = GivenUpLimit.PassedAsync(shutdown, limit, TimeProvider.System);
        shutdown.AddTask(
            CoordinatedShutdown.PhaseServiceStop,
            "hangs",
            () =>
            {
                _reached.SetResult();
                return new TaskCompletionSource<Done>().Task;
            }
        );
        _ = shutdown.Run(reason);
        await _reached.Task.WaitAsync(TimeSpan.FromSeconds(20));
        return passed;
    }
}
