// Records are made against the clock on two cores: a second test beside one would be measured as a fault of the
// recorder.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
