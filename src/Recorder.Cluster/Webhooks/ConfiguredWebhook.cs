using System.Collections.Immutable;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;

namespace Recorder.Cluster.Webhooks;

/// <summary>A receiver of events in the configuration, once checked.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Url">Where events are sent to.</param>
/// <param name="Secret">Its secret.</param>
/// <param name="Types">The types of events; none: every type.</param>
public sealed record ConfiguredWebhook(string Id, string Url, string Secret, ImmutableList<string> Types)
{
    /// <summary>Only events of sessions with all these labels; none: of every session, and of the farm.</summary>
    public ImmutableList<SessionLabel> Labels { get; init; } = [];

    /// <summary>Why a webhook is switched off that the configuration no longer has.</summary>
    public const string Absent = "The configuration (Webhooks) no longer has it.";

    // Records print their members, and a log must not have the secret.
    /// <inheritdoc/>
    public override string ToString() => $"webhook {Id}";

    /// <summary>Reads the receivers of the options.</summary>
    /// <param name="options">The options.</param>
    /// <param name="problems">Gets a sentence for each mistake. No sentence shows a secret.</param>
    public static ImmutableList<ConfiguredWebhook> Read(
        IEnumerable<WebhookOptions> options,
        ICollection<string> problems
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(problems);
        var read = ImmutableList.CreateBuilder<ConfiguredWebhook>();
        foreach (var (option, index) in options.Select((option, index) => (option, index)))
        {
            var at = $"Webhooks:{index}";
            var secret = SecretOf(option, at, problems);
            if (option.Name.Length is 0 or > 64 || !option.Name.All(IsNamed))
            {
                problems.Add($"{at} needs a Name of 1 to 64 letters, digits, - and _.");
            }
            else if (read.Exists(known => known.Id == IdOf(option.Name)))
            {
                problems.Add($"{at} has the Name {option.Name}, which another one has too.");
            }
            else if (!Uri.TryCreate(option.Url, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http"))
            {
                problems.Add($"{at} ({option.Name}) needs an Url, an absolute https address.");
            }
            else if (option.EachType.Find(type => !EventFilter.IsPattern(type)) is { } wrong)
            {
                problems.Add($"{at} ({option.Name}) has the type \"{wrong}\", and there are no such events.");
            }
            else if (option.EachLabel is not { } labels)
            {
                problems.Add(
                    $"{at} ({option.Name}) has Labels that cannot be read; write them as key=value, separated by commas."
                );
            }
            else if (secret is not null)
            {
                read.Add(
                    new ConfiguredWebhook(IdOf(option.Name), option.Url, secret, option.EachType) { Labels = labels }
                );
            }
        }
        return read.ToImmutable();
    }

    /// <summary>The webhook as it is first kept.</summary>
    /// <param name="at">The time.</param>
    internal Webhook New(DateTimeOffset at) =>
        new(
            Id,
            WebhookSource.Configuration,
            Url,
            Types,
            null,
            null,
            Enabled: true,
            null,
            at,
            Secret,
            null,
            null
        )
        {
            Labels = Labels,
        };

    /// <summary>What the configuration changes of a webhook that is kept. What people and receivers have done to the
    /// webhook stays.</summary>
    /// <param name="known">The webhook as it is kept.</param>
    /// <returns>Null when nothing changes.</returns>
    internal WebhookChange? Over(Webhook known)
    {
        var change = new WebhookChange
        {
            Url = known.Url == Url ? null : Url,
            Types = known.Types.SequenceEqual(Types) ? null : Types,
            Labels = known.Labels.SequenceEqual(Labels) ? null : Labels,

            // A receiver at another address has not said that it wants no events.
            Enabled = known.Url == Url && known.DisabledReason != Absent ? null : true,
            Secret = known.Secret == Secret ? null : Secret,
        };
        return change == new WebhookChange() ? null : change;
    }

    private static bool IsNamed(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_';

    private static string IdOf(string name) => $"config-{name}";

    private static string? SecretOf(WebhookOptions option, string at, ICollection<string> problems)
    {
        var secret = SecretOrFile.Read(
            option.Secret,
            option.SecretFile,
            $"{at} ({option.Name})",
            nameof(option.Secret),
            problems
        );
        if (secret is null)
        {
            return null;
        }
        if (WebhookSecret.Problem(secret) is { } problem)
        {
            problems.Add($"{at} ({option.Name}) has a secret that {problem}");
            return null;
        }
        return secret;
    }
}
