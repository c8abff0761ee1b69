using System.Globalization;
using System.Text;

namespace Recorder.Node.Browsing;

/// <summary>
/// Bounds what a page can answer to a question, within the page. A page may replace every function of its own world, so
/// the answer is cut by syntax alone: by the index and the length of primitive strings and by literals, none of which a
/// page can change. Otherwise a hostile page could fill the node's memory with one answer. Pure.
/// </summary>
internal static class PageReply
{
    /// <summary>The longest text of an answer, in UTF-16 units.</summary>
    public const int LongestText = 1_000;

    /// <summary>What a question has thrown, in the answer of <see cref="Fields"/>.</summary>
    public const string Thrown = "thrown";

    private static readonly string Cut = string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        value => {
          switch (typeof value) {
            case 'number':
            case 'boolean':
            case 'undefined':
              return value;
            case 'string': {
              if (value.length <= {{LongestText}}) return value;
              let text = '';
              for (let i = 0; i < {{LongestText}}; i++) text += value[i];
              return text;
            }
            default:
              return null;
          }
        }
        """
    );

    /// <summary>A question whose answer is a number, a truth or a text; undefined when the question throws.</summary>
    /// <param name="expression">The question.</param>
    /// <param name="awaits">Whether the question answers by a promise.</param>
    public static string Value(string expression, bool awaits = false) => Of(expression, awaits, "cut(value)");

    /// <summary>A question whose answer is an object of numbers, truths and texts. A question that throws answers with
    /// <see cref="Thrown"/> alone, and one that answers nothing with undefined.</summary>
    /// <param name="expression">The question.</param>
    /// <param name="awaits">Whether the question answers by a promise.</param>
    /// <param name="names">The names of the fields; no others are answered.</param>
    public static string Fields(string expression, bool awaits, params ReadOnlySpan<string> names)
    {
        var shape = new StringBuilder("value === undefined || value === null ? undefined : { __proto__: null");
        foreach (var name in names)
        {
            shape.Append(CultureInfo.InvariantCulture, $", {name}: cut(value.{name})");
        }
        return Of(expression, awaits, shape.Append(" }").ToString(), "{ __proto__: null, thrown: cut(`${error}`) }");
    }

    /// <summary>A question whose answer is a list of pairs of texts; undefined when the question throws.</summary>
    /// <param name="expression">The question, which answers by a promise.</param>
    /// <param name="most">The most pairs; there is a null for each that is missing.</param>
    public static string Pairs(string expression, int most)
    {
        var pairs = string.Join(", ", Enumerable.Range(0, most).Select(number => $"pair(value[{number}])"));
        return Of(
            expression,
            awaits: true,
            $"((pair) => [{pairs}])(one => one === undefined || one === null ? null : [cut(one[0]), cut(one[1])])"
        );
    }

    private static string Of(string expression, bool awaits, string shape, string thrown = "undefined") =>
        $$"""
        ({{(awaits ? "async " : "")}}() => {
          const cut = {{Cut}};
          try {
            const value = {{(awaits ? "await " : "")}}(
        {{expression}}
            );
            return {{shape}};
          } catch (error) {
            try {
              return {{thrown}};
            } catch {
              return undefined;
            }
          }
        })()
        """;
}
