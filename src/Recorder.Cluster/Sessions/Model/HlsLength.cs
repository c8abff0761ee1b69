namespace Recorder.Cluster.Sessions.Model;

/// <summary>How much a record's finished playlist holds: the next record's segments are numbered on from
/// here.</summary>
/// <param name="Segments">Its segments, 0 or more.</param>
/// <param name="Breaks">Its discontinuities: holes that could not be written.</param>
public readonly record struct HlsLength(int Segments, int Breaks);
