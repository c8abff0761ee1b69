using System.Data.Common;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;

namespace Recorder.Cluster.ReadModel;

/// <summary>Deletes events that are older than people may ask for. Runs beside the projection, on one node of the
/// farm.</summary>
internal sealed class EventRetentionActor : ReceiveActor, IWithTimers, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>The pause after a full step, and the first wait of a node that has just started.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();

    public EventRetentionActor(FarmDatabase database, TimeSpan kept, TimeProvider clock)
    {
        ReceiveAsync<Due>(async _ =>
        {
            var deleted = 0;
            try
            {
                var now = clock.GetUtcNow();
                deleted = await EventDeletion.StepAsync(database, now - kept, now - (2 * kept), _stopping.Token);
            }
            catch (DbException error)
            {
                _log.Warning("Old events could not be deleted; the node tries again: {0}", error.Message);
            }
            Timers.StartSingleTimer(nameof(Due), new Due(), deleted == EventDeletion.MostInAStep ? Pause : Interval);
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartSingleTimer(nameof(Due), new Due(), Pause);

    protected override void PostStop()
    {
        _stopping.Cancel();
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private sealed record Due;
}
