using Recorder.Node.Commands;
using Recorder.Node.Delivery;
using Recorder.Node.Delivery.Transfer;
using Recorder.Node.Processes;
using Recorder.Worker;

FileMask.Set(args is ["pipeline"] ? Environment.GetEnvironmentVariable(FileMask.Variable) : null);

// The check for the worker comes first: a session's start waits for its worker, and a worker needs none of the options.
return args switch
{
    ["pipeline"] => await WorkerProcess.RunAsync(),
    [TransferProcess.Command] => await TransferProcess.RunAsync(Destinations.Make),
    _ => await RecorderCommandLine.RunAsync(args),
};
