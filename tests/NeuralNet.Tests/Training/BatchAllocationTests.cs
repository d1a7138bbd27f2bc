namespace NeuralNet.Tests.Training;

public class BatchAllocationTests
{
    [Fact]
    public void ABatchAllocatesNothingThatGrowsWithTheData()
    {
        foreach (string kind in Networks.Kinds)
        {
            long Bytes(int batches)
            {
                var (x, y) = Networks.Samples(kind, 16 * batches);
                var network = Networks.Make(kind);
                long before = 0;
                long after = 0;
                network.Fit(x, y, new FitOptions
                {
                    Epochs = 3,
                    BatchSize = 16,
                    Optimizer = new Adam(0.001),
                    MaxDegreeOfParallelism = 1,
                    BatchProgress = new SynchronousProgress<BatchReport>(report =>
                    {
                        before = report is { Epoch: 3, Batch: 1 } ? GC.GetAllocatedBytesForCurrentThread() : before;
                        after = GC.GetAllocatedBytesForCurrentThread();
                    }),
                });
                return after - before;
            }

            // What is left is the reports themselves.
            (Bytes(21) / 20).Should().BeLessThan(200, kind);
        }
    }
}
