using System.Data.Common;

namespace Recorder.Cluster.Idempotency;

/// <summary>A call that may be repeated under a key of its caller.</summary>
/// <param name="Caller">Who calls; two callers may use the same key for two things.</param>
/// <param name="Key">The caller's key.</param>
/// <param name="Mark">A mark of what is asked for: another mark is another call.</param>
public sealed record KeyedCall(string Caller, string Key, string Mark);

/// <summary>The answer of a call, kept for its repetitions.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Location">The path of what the call has made, or null.</param>
/// <param name="Body">The answer in JSON.</param>
public sealed record KeptAnswer(int Status, string? Location, string Body)
{
    // Records print their members, and an answer may have a secret.
    /// <inheritdoc/>
    public override string ToString() => $"an answer {Status}";
}

/// <summary>What is known of the key of a call.</summary>
public abstract record KeyStanding
{
    /// <summary>The key is the caller's now: carry the call out, then keep its answer or free the key.</summary>
    /// <param name="Claim">The proof that the key is the caller's.</param>
    public sealed record Claimed(string Claim) : KeyStanding;

    /// <summary>The call was carried out before.</summary>
    /// <param name="Answer">Its answer.</param>
    public sealed record Answered(KeptAnswer Answer) : KeyStanding;

    /// <summary>The call is carried out now, on this node or another one.</summary>
    public sealed record UnderWay : KeyStanding;

    /// <summary>The key was used for another call.</summary>
    public sealed record Other : KeyStanding;
}

/// <summary>The answers of calls that may be repeated, for a day, for every node of the farm. Everything throws
/// <see cref="DbException"/> while the database is away.</summary>
public interface IKeptAnswers
{
    /// <summary>Claims the key of a call, unless the key is taken. Of several callers at once only one gets the
    /// key.</summary>
    /// <param name="call">The call.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the step.</param>
    Task<KeyStanding> BeginAsync(KeyedCall call, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Keeps the answer of a call for a day.</summary>
    /// <param name="call">The call.</param>
    /// <param name="claim">The proof of <see cref="KeyStanding.Claimed"/>.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the step.</param>
    Task KeepAsync(
        KeyedCall call,
        string claim,
        KeptAnswer answer,
        DateTimeOffset now,
        CancellationToken cancellation
    );

    /// <summary>Frees the key of a call that has made nothing, so that the call may be tried again.</summary>
    /// <param name="call">The call.</param>
    /// <param name="claim">The proof of <see cref="KeyStanding.Claimed"/>.</param>
    /// <param name="cancellation">Ends the step.</param>
    Task FreeAsync(KeyedCall call, string claim, CancellationToken cancellation);
}
