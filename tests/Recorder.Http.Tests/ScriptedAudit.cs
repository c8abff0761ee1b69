using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Recorder.Cluster.Audit;

namespace Recorder.Http.Tests;

/// <summary>The audit in memory.</summary>
internal sealed class ScriptedAudit : IAuditBook
{
    private readonly Lock _lock = new();
    private ImmutableList<AuditLine> _lines = [];

    /// <summary>Whether the database is away.</summary>
    public bool Away { get; set; }

    /// <summary>What the writes wait for; null: nothing.</summary>
    public TaskCompletionSource? Hold { get; set; }

    public ImmutableList<AuditLine> Lines => _lines;

    public async Task AddAsync(IReadOnlyList<AuditLine> lines, CancellationToken cancellation)
    {
        if (Hold is { } hold)
        {
            await hold.Task.WaitAsync(cancellation);
        }
        if (Away)
        {
            throw new SqliteException("The database is away.", 14);
        }
        lock (_lock)
        {
            _lines = _lines.AddRange(lines.Select((line, index) => line with { Number = _lines.Count + index + 1 }));
        }
    }

    public Task<ImmutableList<AuditLine>> ListAsync(AuditQuestion question, CancellationToken cancellation) =>
        Away
            ? throw new SqliteException("The database is away.", 14)
            : Task.FromResult<ImmutableList<AuditLine>>([
                .. _lines
                    .Where(line =>
                        line.Number < question.Before
                        && (question.Who is null || line.Who == question.Who)
                        && (question.Action is null || line.Action == question.Action)
                        && (question.Session is null || line.Session == question.Session)
                    )
                    .Reverse()
                    .Take(question.Limit),
            ]);

    public Task<bool> ForgetAsync(DateTimeOffset now, CancellationToken cancellation) => Task.FromResult(false);

    /// <summary>The first line that has something, once it is written.</summary>
    public async Task<AuditLine> SeeAsync(Func<AuditLine, bool> wanted, string what)
    {
        var limit = Stopwatch.StartNew();
        while (true)
        {
            if (_lines.FirstOrDefault(wanted) is { } line)
            {
                return line;
            }
            if (limit.Elapsed > TimeSpan.FromSeconds(30))
            {
                throw new TimeoutException(
                    $"No line of the audit with {what} within 30 s; there were:\n{string.Join('\n', _lines)}"
                );
            }
            await Task.Delay(20);
        }
    }
}
