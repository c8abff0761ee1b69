using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Requests;

/// <summary>Stream targets to add to and to remove from a session.</summary>
internal sealed record TargetsRequest(ImmutableList<StreamTarget> Add, ImmutableList<StreamTarget> Remove)
{
    /// <summary>The rules of the end to change; null: none.</summary>
    public EndChange? End { get; init; }

    /// <summary>What the page shows from now on; null: no change.</summary>
    public PageChange? Page { get; init; }
}

/// <summary>Reads the body of <c>PATCH /api/sessions/{id}</c>. Pure.</summary>
internal static class ChangeRequestParser
{
    public const string Add = "add_stream_uris";
    public const string Remove = "remove_stream_uris";

    private const string Example = """{"add_stream_uris":["rtmp://…"],"remove_stream_uris":[]}""";

    private static readonly string[] Fields = [Add, Remove, EndFields.End, PageFields.Page];

    /// <summary>Reads the body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="longest">How long a session of the farm may last; null: without a limit.</param>
    public static Parsed<TargetsRequest> Parse(ReadOnlyMemory<byte> body, LongestSession? longest = null) =>
        JsonFields.Read(
            body,
            Example,
            fields =>
            {
                fields.Allow(Fields);
                var add = new StreamTargetList(fields);
                add.AddList(Add);
                var remove = new StreamTargetList(fields);
                remove.AddList(Remove);
                var page = PageFields.ReadChange(fields);
                var end = EndFields.ReadChange(fields, longest?.Limit ?? TimeSpan.MaxValue);
                if (
                    !fields.Has(EndFields.End)
                    && !fields.Has(PageFields.Page)
                    && add.Named.Count == 0
                    && remove.Named.Count == 0
                    && fields.Sound(Add, Remove)
                )
                {
                    fields.Refuse(Add, $"Nothing is to be changed; send {Example}.");
                }
                foreach (var (name, _) in add.Named.Where(added => remove.Targets.Exists(added.Target.IsSameAs)))
                {
                    fields.Refuse(name, $"{name} is also to be removed; name it in one of both lists.");
                }
                return new TargetsRequest(add.Targets, remove.Targets) { End = end, Page = page };
            }
        );
}
