using System.Data.Common;
using Recorder.Cluster.Idempotency;

namespace Recorder.Http.Tests;

/// <summary>Kept answers in memory. What the database does is tested where the database is.</summary>
internal sealed class ScriptedAnswers : IKeptAnswers
{
    private readonly Dictionary<(string Caller, string Key), (string Mark, KeptAnswer? Answer)> _kept = [];
    private readonly Lock _gate = new();

    /// <summary>How many answers the database still fails to keep.</summary>
    public int Failures { get; set; }

    public Task<KeyStanding> BeginAsync(KeyedCall call, DateTimeOffset now, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_kept.TryAdd((call.Caller, call.Key), (call.Mark, null)))
            {
                return Task.FromResult<KeyStanding>(new KeyStanding.Claimed(call.Key));
            }
            var (mark, answer) = _kept[(call.Caller, call.Key)];
            return Task.FromResult<KeyStanding>(
                mark != call.Mark ? new KeyStanding.Other()
                    : answer is null ? new KeyStanding.UnderWay()
                    : new KeyStanding.Answered(answer)
            );
        }
    }

    public Task KeepAsync(
        KeyedCall call,
        string claim,
        KeptAnswer answer,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        lock (_gate)
        {
            if (Failures > 0)
            {
                Failures--;
                return Task.FromException(new Away());
            }
            _kept[(call.Caller, call.Key)] = (call.Mark, answer);
        }
        return Task.CompletedTask;
    }

    public Task FreeAsync(KeyedCall call, string claim, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _kept.Remove((call.Caller, call.Key));
        }
        return Task.CompletedTask;
    }

    private sealed class Away() : DbException("The database is away.");
}
