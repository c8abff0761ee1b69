using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>
/// Reads the fields of one JSON object strictly: no unknown field, no field twice, no type accepted for another. Every
/// mistake is kept in <see cref="Error"/>, and a wrong field is read as its fallback. A parser therefore reads each
/// field once, in order, and checks for mistakes once at the end. A rule over several fields applies only when all of
/// them are <see cref="Sound"/>. Otherwise a caller could be told of a mistake that only the fallback makes.
/// </summary>
/// <remarks>
/// Repeated fields are found here and not by <see cref="JsonDocumentOptions.AllowDuplicateProperties"/>, which stops
/// reading at the first repeated field and does not name the field's place.
/// </remarks>
internal sealed class JsonFields
{
    private const int NameLimit = 64;

    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly string _path;
    private readonly JsonFields _body;
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private RequestError? _error;

    private JsonFields(string path, JsonFields? body)
    {
        _path = path;
        _body = body ?? this;
    }

    /// <summary>The mistakes in the whole body; null when there are none.</summary>
    public RequestError? Error => _body._error;

    /// <summary>Reads a body that must be one JSON object.</summary>
    /// <param name="body">The bytes of the body.</param>
    /// <param name="example">An example of a correct body, for the sentence that refuses the body.</param>
    /// <param name="read">Reads the fields. Runs only when the body is an object, and while the document is
    /// alive.</param>
    public static Parsed<T> Read<T>(ReadOnlyMemory<byte> body, string example, Func<JsonFields, T> read)
    {
        if (body.Length == 0)
        {
            return Invalid($"The body is empty; send {example}.", null);
        }
        if (!Utf8.IsValid(body.Span))
        {
            return Invalid("The body is not UTF-8, which JSON must be.", null);
        }
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
        }
        catch (JsonException e)
        {
            var (line, at) = ((e.LineNumber ?? 0) + 1, (e.BytePositionInLine ?? 0) + 1);
            return Invalid($"The body is not valid JSON at line {line}, byte {at}; send {example}.", null);
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return Invalid(
                    $"The body must be a JSON object, not {KindOf(document.RootElement)}; send {example}.",
                    null
                );
            }
            var fields = new JsonFields("", null);
            fields.Collect(document.RootElement);
            var value = read(fields);
            return fields.Error is { } error ? error : value;
        }
    }

    /// <summary>The name of an item of a list, for <see cref="Refuse(string, string)"/>.</summary>
    public static string Item(string name, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}[{index}]");

    /// <summary>Whether none of these fields, and no item of a list among them, has been refused so far.</summary>
    public bool Sound(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (_refused.Contains(name))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a field is present.</summary>
    public bool Has(string name) => _fields.ContainsKey(name);

    /// <summary>The name of a field with its place in the body, as a caller writes it.</summary>
    public string Path(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    /// <summary>Refuses every field that is not in a list of names.</summary>
    public void Allow(IReadOnlyCollection<string> names)
    {
        foreach (var name in _fields.Keys.Where(name => !names.Contains(name)))
        {
            var shown = Redaction.Line(name, NameLimit);
            var owner = _path.Length == 0 ? "the body" : _path;
            if (Error?.All.Count == RequestError.MostTold)
            {
                return;
            }
            Refuse(shown, $"\"{shown}\" is not a field of {owner}; its fields are {string.Join(", ", names)}.");
        }
    }

    /// <summary>The names of the fields.</summary>
    public IReadOnlyCollection<string> Names => _fields.Keys;

    /// <summary>Reads a required object. Null, and refused, when there is none.</summary>
    public JsonFields? Object(string name) => Object(name, Required(name));

    /// <summary>Reads an object that may be absent. Null when it is absent, and when it is refused.</summary>
    public JsonFields? OptionalObject(string name) => Object(name, Optional(name));

    private JsonFields? Object(string name, JsonElement? found)
    {
        if (found is not { } element)
        {
            return null;
        }
        if (element.ValueKind == JsonValueKind.Object)
        {
            var inner = new JsonFields(Path(name), _body);
            inner.Collect(element);
            return inner;
        }

        Refuse(name, $"{Path(name)} must be an object, not {KindOf(element)}.");
        return null;
    }

    /// <summary>The kind of a field's value; undefined when the field is not there.</summary>
    public JsonValueKind Kind(string name) =>
        _fields.TryGetValue(name, out var value) ? value.ValueKind : JsonValueKind.Undefined;

    /// <summary>The value of a field whose kind is a number; NaN when the number is beyond all bounds.</summary>
    public double Number(string name) => _fields[name].TryGetDouble(out var number) ? number : double.NaN;

    /// <summary>The value of a field as it stands in the body; empty when the field is not there.</summary>
    public string Raw(string name) => _fields.TryGetValue(name, out var value) ? value.GetRawText() : "";

    /// <summary>Reads a text. A required text must be present; another may be absent (null).</summary>
    public string? Text(string name, int limit, bool required)
    {
        return (required ? Required(name) : Optional(name)) is { } element ? Text(name, element, limit) : null;
    }

    /// <summary>Reads a list of texts, empty when the field is absent. A refused item is null.</summary>
    /// <param name="name">The field.</param>
    /// <param name="limit">The longest text, in characters.</param>
    /// <param name="most">The longest list.</param>
    public IReadOnlyList<string?> Texts(string name, int limit, int most)
    {
        List<string?> texts = [];
        if (Optional(name) is not { } element)
        {
            return texts;
        }
        if (element.ValueKind != JsonValueKind.Array)
        {
            Refuse(name, $"{Path(name)} must be a list of texts, not {KindOf(element)}.");
        }
        else if (element.GetArrayLength() > most)
        {
            Refuse(name, $"{Path(name)} has {element.GetArrayLength()} items; it may have at most {most}.");
        }
        else
        {
            foreach (var item in element.EnumerateArray())
            {
                texts.Add(Text(Item(name, texts.Count), item, limit));
            }
        }

        return texts;
    }

    /// <summary>Reads a list of objects, empty when the field is absent. A refused item is left out.</summary>
    /// <param name="name">The field.</param>
    /// <param name="most">The longest list.</param>
    public IReadOnlyList<JsonFields> Objects(string name, int most)
    {
        List<JsonFields> objects = [];
        if (Optional(name) is not { } element)
        {
            return objects;
        }
        if (element.ValueKind != JsonValueKind.Array)
        {
            Refuse(name, $"{Path(name)} must be a list of objects, not {KindOf(element)}.");
        }
        else if (element.GetArrayLength() > most)
        {
            Refuse(name, $"{Path(name)} has {element.GetArrayLength()} items; it may have at most {most}.");
        }
        else
        {
            foreach (var (item, index) in element.EnumerateArray().Select((item, index) => (item, index)))
            {
                var at = Item(name, index);
                if (item.ValueKind != JsonValueKind.Object)
                {
                    Refuse(at, $"{Path(at)} must be an object, not {KindOf(item)}.");
                    continue;
                }
                var inner = new JsonFields(Path(at), _body);
                inner.Collect(item);
                objects.Add(inner);
            }
        }
        return objects;
    }

    /// <summary>Reads true or false; false when the field is absent.</summary>
    public bool Flag(string name)
    {
        if (Optional(name) is not { } element)
        {
            return false;
        }
        if (element.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Refuse(name, $"{Path(name)} must be true or false, not {KindOf(element)}.");
        }
        return element.ValueKind == JsonValueKind.True;
    }

    private string? Text(string name, JsonElement element, int limit)
    {
        if (element.ValueKind != JsonValueKind.String)
        {
            Refuse(name, $"{Path(name)} must be text in quotes, not {KindOf(element)}.");
        }
        else if (Decode(element) is not { } text)
        {
            Refuse(name, $"{Path(name)} holds half of a UTF-16 surrogate pair, which is no character.");
        }
        else if (text.Length > limit)
        {
            Refuse(name, $"{Path(name)} has {text.Length} characters; it may have at most {limit}.");
        }
        else
        {
            return text;
        }
        return null;
    }

    /// <summary>Reads a whole number, or its default when the number is optional and absent.</summary>
    public int Whole(WholeNumberField field)
    {
        var name = field.Name;
        if ((field.Default is null ? Required(name) : Optional(name)) is not { } element)
        {
            return field.Default ?? 0;
        }
        var unit = field.Unit.Length == 0 ? "" : " " + field.Unit;
        var range =
            field.Minimum == field.Maximum
                ? $"{field.Minimum}{unit}"
                : $"from {field.Minimum} to {field.Maximum}{unit}";
        if (element.ValueKind != JsonValueKind.Number)
        {
            Refuse(name, $"{Path(name)} must be a whole number {range}, not {KindOf(element)}.");
        }
        else if (element.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') >= 0)
        {
            Refuse(name, $"{Path(name)} must be a whole number {range}, written without a point or an exponent.");
        }
        else if (!element.TryGetInt32(out var value) || value < field.Minimum || value > field.Maximum)
        {
            Refuse(
                name,
                $"{Path(name)} must be {range}{(field.Because.Length == 0 ? "" : ", " + field.Because)}; {Redaction.Line(element.GetRawText(), 24)} is not."
            );
        }
        else if (field.Even && value % 2 != 0)
        {
            var advice = $"{value} is odd, take {value - 1} or {value + 1}";
            Refuse(name, $"{Path(name)} must be even, because the picture's colour has half its size; {advice}.");
        }
        else
        {
            return value;
        }
        return field.Default ?? 0;
    }

    /// <summary>Reads one of a closed set of words, or its default when the field is absent.</summary>
    public T Choice<T>(ChoiceField<T> field)
        where T : struct, Enum
    {
        if (Text(field.Name, int.MaxValue, required: false) is not { } word)
        {
            return field.Default;
        }
        if (field.TryParse(word, out var value))
        {
            return value;
        }
        var served = string.Join(", ", field.Words);
        Refuse(
            field.Name,
            $"{Path(field.Name)} must be one of {served}; \"{Redaction.Line(word, NameLimit)}\" is not served."
        );
        return field.Default;
    }

    /// <summary>Refuses a field, or an item of a list (<see cref="Item"/>).</summary>
    public void Refuse(string name, string message)
    {
        _refused.Add(name.Split('[', 2)[0]);
        Refuse(Invalid(message, Path(name)));
    }

    private void Refuse(RequestError error) => _body._error = RequestError.Of(_body._error, error);

    private void Collect(JsonElement element)
    {
        foreach (var property in element.EnumerateObject())
        {
            if (Name(property) is not { } name)
            {
                Refuse(
                    Invalid("The name of a field holds half of a UTF-16 surrogate pair, which is no character.", null)
                );
            }
            else if (!_fields.TryAdd(name, property.Value))
            {
                Refuse(
                    Redaction.Line(name, NameLimit),
                    $"{Path(Redaction.Line(name, NameLimit))} is given twice; give it once."
                );
            }
        }
    }

    private JsonElement? Optional(string name) => _fields.TryGetValue(name, out var element) ? element : null;

    private JsonElement? Required(string name)
    {
        var element = Optional(name);
        if (element is null)
        {
            Refuse(name, $"{Path(name)} is missing.");
        }
        return element;
    }

    private static RequestError Invalid(string message, string? field) => new(ErrorCode.InvalidRequest, message, field);

    // JSON may escape one half of a surrogate pair; .NET throws only when such text is read.
    private static string? Decode(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string KindOf(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            JsonValueKind.String => "text",
            JsonValueKind.Number => "a number",
            JsonValueKind.True or JsonValueKind.False => "true or false",
            _ => "null",
        };
}
