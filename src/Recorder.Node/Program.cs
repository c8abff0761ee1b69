using Recorder.Node.Commands;
using Recorder.Node.Processes;
using Recorder.Worker;

FileMask.Set(args is ["pipeline"] ? Environment.GetEnvironmentVariable(FileMask.Variable) : null);

// Before everything else: a session's start waits for its worker, which needs none of the options.
return args is ["pipeline"] ? await WorkerProcess.RunAsync() : await RecorderCommandLine.RunAsync(args);
