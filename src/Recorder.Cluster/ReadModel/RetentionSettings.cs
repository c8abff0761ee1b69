using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;

namespace Recorder.Cluster.ReadModel;

/// <summary>Reads how long records are kept from the options. Pure.</summary>
public static class RetentionSettings
{
    /// <summary>The age of a record that is kept for ever.</summary>
    public const string KeepWord = "keep";

    /// <summary>The policy of the options. What is not in order keeps its records.</summary>
    /// <param name="options">The options.</param>
    /// <param name="problems">Gets a sentence for everything that is not in order.</param>
    public static RetentionPolicy Read(RetentionOptions options, ICollection<string>? problems = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var rules = ImmutableList.CreateBuilder<RetentionRule>();
        foreach (var (rule, number) in options.Rules.Select((rule, index) => (rule, index)))
        {
            if (Label(rule.Label) is not { } label)
            {
                problems?.Add(
                    $"Retention:Rules:{number}:Label is \"{rule.Label}\"; it must be key=value with the key of a label, such as room=Sal."
                );
                continue;
            }
            rules.Add(new RetentionRule(label, Age($"Retention:Rules:{number}:Age", rule.Age, problems)));
        }
        return new RetentionPolicy(Age("Retention:Default", options.Default, problems), rules.ToImmutable());
    }

    private static SessionLabel? Label(string text) =>
        text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at && SessionLabel.IsKey(text[..at])
            ? new SessionLabel(text[..at], text[(at + 1)..])
            : null;

    private static TimeSpan? Age(string name, string text, ICollection<string>? problems)
    {
        if (text == KeepWord)
        {
            return null;
        }
        if (Duration.TryParse(text, out var age) && age >= TimeSpan.Zero)
        {
            return age;
        }
        problems?.Add($"{name} is \"{text}\"; it must be {KeepWord}, or an age such as 12 h or 30 d.");
        return null;
    }
}
