namespace Recorder.Cluster.Sessions.Model;

/// <summary>The contents of a record's finished playlist. The numbers of the next record's segments continue from
/// here.</summary>
/// <param name="Segments">The number of segments, 0 or more.</param>
/// <param name="Breaks">The number of discontinuities: holes that could not be written.</param>
public readonly record struct HlsLength(int Segments, int Breaks);
