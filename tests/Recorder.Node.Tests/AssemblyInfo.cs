// Real displays, browsers and encoders one after the other: side by side they would only slow each other down on two
// cores.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly, MaxParallelThreads = 2)]
