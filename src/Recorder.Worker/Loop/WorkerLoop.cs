using System.Text.Json;
using System.Threading.Channels;
using Recorder.Worker.Files;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>
/// The worker's one loop: commands in, events out. One worker makes one record or some repairs in its life. Events from
/// other threads arrive as inputs too, so that nothing here runs concurrently. A record ends in the same way whatever
/// its source.
/// </summary>
internal sealed class WorkerLoop : IDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StalledEndLimit = TimeSpan.FromSeconds(1);

    private readonly Channel<WorkerInput> _inputs = Channel.CreateUnbounded<WorkerInput>(
        new UnboundedChannelOptions { SingleReader = true }
    );
    private readonly CancellationTokenSource _watching = new();
    private readonly Action<WorkerEvent> _tell;
    private readonly Func<WorkerCommand, LoopPort, RecordSource> _sourceOf;
    private readonly TimeProvider _time;
    private RecordSource? _source;
    private Task? _ticking;
    private LastAlive? _nodeAlive;

    /// <summary>Makes a worker that does nothing until <see cref="RunAsync"/>.</summary>
    /// <param name="tell">Takes the events, in order.</param>
    /// <param name="sourceOf">Makes the source for a <see cref="WorkerCommand.Prepare"/> or a
    /// <see cref="WorkerCommand.ReceiveRtp"/>; a new source opens nothing.</param>
    /// <param name="time">The clock.</param>
    public WorkerLoop(Action<WorkerEvent> tell, Func<WorkerCommand, LoopPort, RecordSource> sourceOf, TimeProvider time)
    {
        this._tell = tell;
        this._sourceOf = sourceOf;
        this._time = time;
    }

    /// <summary>Queues an input for the loop. From any thread.</summary>
    public void Post(WorkerInput input) => _inputs.Writer.TryWrite(input);

    /// <summary>Only after <see cref="RunAsync"/>.</summary>
    public void Dispose()
    {
        _source?.Dispose();
        _watching.Dispose();
    }

    /// <summary>Runs until the record or the input has ended.</summary>
    /// <returns>One of <see cref="WorkerExitCode"/>.</returns>
    public async Task<int> RunAsync()
    {
        var code = WorkerExitCode.Finished;
        await foreach (var input in _inputs.Reader.ReadAllAsync())
        {
            if (await ReactAsync(input) is { } exit)
            {
                code = exit;
                break;
            }

            if (_ticking is null && _source is { HasBegun: true } begun)
            {
                _ticking = TickAsync(begun.TickInterval);
            }
        }

        await _watching.CancelAsync();
        await (_ticking ?? Task.CompletedTask);
        return code;
    }

    private async Task TickAsync(TimeSpan interval)
    {
        using PeriodicTimer timer = new(interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_watching.Token))
            {
                Post(new WorkerInput.Tick());
            }
        }
        catch (OperationCanceledException)
        {
            // The record ends.
        }
    }

    private async Task<int?> ReactAsync(WorkerInput input)
    {
        try
        {
            switch (input)
            {
                case WorkerInput.Line line:
                    return await ObeyAsync(line.Text);
                case WorkerInput.InputClosed:
                    return await FinishAsync(WorkerFinishReason.InputClosed);
                case WorkerInput.Terminated:
                    return await FinishAsync(WorkerFinishReason.Terminated);
                case WorkerInput.Tick:
                    return await OnTickAsync(_source!);
                default:
                    return _source is null ? null : await FailAsync(_source, await _source.ReactAsync(input));
            }
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A fault of the worker itself. The file keeps its content, and the node hears why this process ends.
            Console.Error.WriteLine(error);
            _tell(
                new WorkerEvent.Failed(
                    WorkerFailure.EncoderFailed,
                    $"The worker of session {_source?.Place.Session} failed: {error.Message}"
                )
            );
            return _source is { HasBegun: true } ? WorkerExitCode.NotFinalised : WorkerExitCode.NotPrepared;
        }
    }

    private async Task<int?> ObeyAsync(string line)
    {
        WorkerCommand command;
        try
        {
            command = WorkerProtocol.ParseCommand(line);
        }
        catch (JsonException error)
        {
            return Refuse($"The worker was given a line that is not a command: {error.Message}");
        }

        switch (command)
        {
            case WorkerCommand.Finish:
                return await FinishAsync(WorkerFinishReason.Finish);
            case WorkerCommand.Alive alive:
                _nodeAlive = LastAlive.Now(alive, _time);
                return null;
            case WorkerCommand.Prepare or WorkerCommand.ReceiveRtp:
                return _source is null ? await PrepareAsync(command) : Refuse("This worker is prepared already.");
            case WorkerCommand.Repair repair:
                return _source is null
                    ? Tell(await RecordRepair.RepairAsync(repair))
                    : Refuse("A worker that records does not repair files.");
            case WorkerCommand.Keep keep:
                return _source is null
                    ? Tell(await RecordRepair.KeepAsync(keep))
                    : Refuse("A worker that records does not look at files.");
            case WorkerCommand.TakeThumbnail when _source is null:
                return Tell(new WorkerEvent.ThumbnailFailed(PageSource.NothingToShow));
            default:
                return _source is null
                    ? Refuse("The worker has to be prepared before it is told that.")
                    : await FailAsync(_source, await _source.ObeyAsync(command));
        }
    }

    private int? Refuse(string message) => Tell(new WorkerEvent.Failed(WorkerFailure.InvalidCommand, message));

    private int? Tell(WorkerEvent said)
    {
        _tell(said);
        return null;
    }

    private async Task<int?> PrepareAsync(WorkerCommand command)
    {
        _source = _sourceOf(command, new LoopPort(Post, _tell, _time, _watching.Token));
        try
        {
            await _source.PrepareAsync();
            return null;
        }
        catch (Exception error) when (error is WorkerException or GStreamerException or DllNotFoundException)
        {
            await AbandonAsync(_source);
            _tell(
                error is WorkerException known
                    ? new WorkerEvent.Failed(known.Code, known.Message)
                    : new WorkerEvent.Failed(WorkerFailure.EncoderFailed, _source.CannotBuild(error.Message))
            );
            return WorkerExitCode.NotPrepared;
        }
    }

    private async Task<int?> OnTickAsync(RecordSource running)
    {
        var place = running.Place;
        if (place.Path is { } path && RecordFile.IsGone(path))
        {
            return await FailAsync(
                running,
                new RecordFault(
                    WorkerFailure.RecordGone,
                    $"Session {place.Session} has lost its record while it was written."
                )
            );
        }

        // The node's silence is checked before stalls: a suspended host causes both, and a stall leaves the record less
        // time to end.
        if (_nodeAlive?.IsOver(_time) == true)
        {
            return await FinishAsync(WorkerFinishReason.NodeSilent);
        }

        if (await FailAsync(running, await running.OnTickAsync()) is { } code)
        {
            return code;
        }

        return place.Path is not null && RecordFile.FreeBytes(place.Path) < place.MinimumFreeBytes
            ? await FailAsync(
                running,
                new RecordFault(
                    WorkerFailure.DiskFull,
                    $"Less than {place.MinimumFreeBytes} bytes are free for {place.Path}; the record of session {place.Session} was ended while it can be finalised."
                )
            )
            : null;
    }

    private async Task<int?> FinishAsync(string reason)
    {
        if (_source is null)
        {
            return WorkerExitCode.Finished;
        }

        if (!_source.HasBegun)
        {
            await AbandonAsync(_source);
            return WorkerExitCode.Finished;
        }

        return await CloseAsync(_source, reason, EndLimit) ? WorkerExitCode.Finished : WorkerExitCode.NotFinalised;
    }

    private async Task<int?> FailAsync(RecordSource failing, RecordFault? fault)
    {
        if (fault is null)
        {
            return null;
        }

        WorkerEvent.Failed failed = new(fault.Code, fault.Message);
        if (!failing.HasBegun)
        {
            await AbandonAsync(failing);
            _tell(failed);
            return WorkerExitCode.NotPrepared;
        }

        // The cause of the stall may also keep the close from ending, so the failure is told before the close.
        var stalled = fault.Code == WorkerFailure.Stalled;
        if (stalled)
        {
            _tell(failed);
        }

        var closed = await CloseAsync(failing, fault.Code, stalled ? StalledEndLimit : EndLimit);
        if (!stalled)
        {
            _tell(failed);
        }

        return closed ? WorkerExitCode.Failed : WorkerExitCode.NotFinalised;
    }

    /// <summary>Ends the stream, then closes and finalises the file. False: the file still wants a repair.</summary>
    private async Task<bool> CloseAsync(RecordSource ending, string reason, TimeSpan endLimit)
    {
        await _watching.CancelAsync();
        var end = await ending.EndAsync(endLimit);
        (var said, var closed) = await RecordEnding.FinaliseAsync(ending.Place, end, ending.Chapters, reason, _time);
        _tell(said);
        return closed;
    }

    /// <summary>Ends a source that has recorded nothing, and deletes its empty file.</summary>
    private static async Task AbandonAsync(RecordSource abandoned)
    {
        await abandoned.AbandonAsync();
        if (abandoned is { FileIsOurs: true, Place.Path: { } path })
        {
            File.Delete(path);
        }
    }
}
