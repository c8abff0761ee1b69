using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>When the record of a page begins, as the API and the manifests show that. The caller's script is not
/// shown.</summary>
/// <param name="When">What begins the record.</param>
/// <param name="Timeout">How long the page may take outside a lobby, in seconds.</param>
/// <param name="LobbyTimeout">How long the page may show its lobby, in seconds.</param>
/// <param name="Otherwise">What happens when the time has passed.</param>
public sealed record BeginRuleAnswer(BeginWhen When, double Timeout, double LobbyTimeout, BeginOtherwise Otherwise)
{
    /// <summary>The CSS selector of the element that begins the record.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Selector { get; init; }

    /// <summary>What only a lobby shows.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LobbyAnswer? Unless { get; init; }

    /// <summary>The record begins no earlier, as a schedule says.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The rule as it is shown; null without a rule.</summary>
    /// <param name="rule">The rule, or null.</param>
    public static BeginRuleAnswer? Of(BeginRule? rule) =>
        rule is null
            ? null
            : new BeginRuleAnswer(
                rule.When,
                rule.Timeout.TotalSeconds,
                rule.LobbyTimeout.TotalSeconds,
                rule.Otherwise
            )
            {
                Selector = rule.Selector,
                NotBefore = rule.NotBefore,
                Unless = rule.KnowsLobby ? new LobbyAnswer(rule.LobbySelector, rule.LobbyTexts) : null,
            };
}

/// <summary>What only a lobby shows.</summary>
/// <param name="Selector">A CSS selector; null without a selector.</param>
/// <param name="Text">Texts of which a lobby shows one.</param>
public sealed record LobbyAnswer(string? Selector, ImmutableList<string> Text);
