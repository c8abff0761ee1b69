using Recorder.Node.Commands;
using Recorder.Node.Processes;
using Recorder.Worker;

FileMask.Set(args is ["pipeline"] ? Environment.GetEnvironmentVariable(FileMask.Variable) : null);

// The check for the worker comes first: a session's start waits for its worker, and a worker needs none of the options.
return args is ["pipeline"] ? await WorkerProcess.RunAsync() : await RecorderCommandLine.RunAsync(args);
