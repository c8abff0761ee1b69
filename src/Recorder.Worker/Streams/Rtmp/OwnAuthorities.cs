using Recorder.Worker.GStreamer;

namespace Recorder.Worker.Streams.Rtmp;

/// <summary>
/// While this object lives, stream servers are also trusted when an authority of the operator has signed their
/// certificates. The system's authorities stay trusted. rtmp2sink has no property for more authorities, hence the hook
/// at the class that makes its connections.
/// </summary>
internal sealed class OwnAuthorities : IDisposable
{
    private readonly TlsDatabase _authorities;
    private readonly SocketClientHook _hook;

    private OwnAuthorities(TlsDatabase authorities)
    {
        this._authorities = authorities;
        _hook = SocketClientHook.OnHandshaking(connection => connection.TrustAlso(authorities));
    }

    /// <summary>Trusts the authorities of a file. A file that cannot be used is reported on standard error and changes
    /// nothing.</summary>
    /// <param name="file">The absolute path; null: none.</param>
    /// <returns>Null: there are no authorities to trust.</returns>
    public static OwnAuthorities? Of(string? file)
    {
        try
        {
            return file is null ? null : new OwnAuthorities(new TlsDatabase(file));
        }
        catch (GStreamerException error)
        {
            Console.Error.WriteLine(error.Message);
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hook.Dispose();
        _authorities.Dispose();
    }
}
