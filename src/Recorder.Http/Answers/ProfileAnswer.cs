using System.Text.Json.Nodes;

namespace Recorder.Http.Answers;

/// <summary>A profile: how one kind of meeting is entered, seen and left.</summary>
/// <param name="Name">The name by which a start asks for the profile.</param>
/// <param name="Description">What the profile is for.</param>
/// <param name="Shipped">Whether the profile came with the recorder.</param>
/// <param name="Parameters">What a start may and must say, by name.</param>
/// <param name="Layouts">The names of the layouts that a session can be given while it runs.</param>
/// <param name="ReadFrom">The files of the client from which the facts of the profile were read.</param>
/// <param name="Data">The fields of a start, with places for the parameters; left out in the list.</param>
public sealed record ProfileAnswer(
    string Name,
    string Description,
    bool Shipped,
    IReadOnlyDictionary<string, ProfileParameterAnswer> Parameters,
    IReadOnlyList<string> Layouts,
    IReadOnlyList<string> ReadFrom,
    JsonObject? Data
);

/// <summary>A parameter of a profile.</summary>
/// <param name="Description">What the parameter means.</param>
/// <param name="Kind">What the value is: text, address or flag.</param>
/// <param name="Required">Whether a start without the parameter is refused.</param>
/// <param name="Default">The value of a start without the parameter; null: nothing stands in its place.</param>
public sealed record ProfileParameterAnswer(string Description, string Kind, bool Required, string? Default);
