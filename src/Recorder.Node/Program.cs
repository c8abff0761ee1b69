using Recorder.Node.Commands;

// The composition root is written on another branch; here only the worker can be started.
if (args is ["pipeline"])
{
    return await PipelineCommand.RunAsync();
}

Console.Error.WriteLine("usage: recorder pipeline");
return 64;
