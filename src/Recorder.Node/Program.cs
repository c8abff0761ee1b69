using Recorder.Node.Commands;
using Recorder.Node.Processes;

FileMask.Set(args is ["pipeline"] ? Environment.GetEnvironmentVariable(FileMask.Variable) : null);

// Before everything else: a session's start waits for its worker, which needs none of the options.
return args is ["pipeline"] ? await PipelineCommand.RunAsync() : await RecorderCommandLine.RunAsync(args);
