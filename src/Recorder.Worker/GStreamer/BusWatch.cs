namespace Recorder.Worker.GStreamer;

/// <summary>A thread that receives a pipeline's errors and the end of its stream.</summary>
internal sealed class BusWatch : IDisposable
{
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);

    private readonly Pipeline _pipeline;
    private readonly Action<Message> _message;
    private readonly Thread _thread;
    private volatile bool _stopping;

    /// <summary>Makes a watch that does nothing until <see cref="Start"/>.</summary>
    /// <param name="pipeline">The pipeline, which is set up to keep its messages when it stops.</param>
    /// <param name="message">Called on the watch's thread.</param>
    public BusWatch(Pipeline pipeline, Action<Message> message)
    {
        this._pipeline = pipeline;
        this._message = message;

        // The message that ends the thread comes after the pipeline has stopped.
        pipeline.SetProperty("auto-flush-bus", false);
        _thread = new Thread(Watch) { Name = "bus", IsBackground = true };
    }

    /// <summary>Starts the thread.</summary>
    public void Start() => _thread.Start();

    /// <summary>Passes on a message that does not come from the pipeline.</summary>
    public void Tell(Message own) => _message(own);

    /// <summary>Ends the watch; the thread ends shortly after.</summary>
    public void Stop()
    {
        _stopping = true;
        _pipeline.Bus.PostEos();
    }

    /// <summary>Waits for the thread's end. Only after <see cref="Stop"/>.</summary>
    public void Dispose()
    {
        if (_thread.IsAlive)
        {
            _thread.Join();
        }
    }

    private void Watch()
    {
        while (!_stopping)
        {
            if (_pipeline.Bus.TimedPopFiltered(Turn, MessageType.Error | MessageType.Eos) is { } next && !_stopping)
            {
                _message(next);
            }
        }
    }
}
