using Defenses.Benchmarks.Measuring;
using Defenses.Switching;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Benchmarks.Rows;

/// <summary>Training. A new row is a line of <see cref="All"/>.</summary>
internal static class TrainingRows
{
    private const int BatchSize = 128, Steps = 4;

    public static IEnumerable<Row> All(Subject subject)
    {
        var (images, labels) = subject.Take(BatchSize * Steps);
        var data = new TensorData(images, labels);
        var (plain, bare) = (Plain(data), Bare(images, labels));
        yield return new Row("nothing (control: 1)", plain, plain);
        yield return new Row("a step, batch 128, SGD with Nesterov momentum ÷ the same loop written with TorchSharp alone", plain, bare, Bar: 1.05);
        yield return new Row("switching, 2 × 2 channels ÷ 1 × 1", Switching(data, 2), Switching(data, 1), Bar: 2.1);
        yield return new Row("switching, 4 × 4 channels ÷ 2 × 2", Switching(data, 4), Switching(data, 2), Bar: 2.1);
    }

    private static Work Plain(ITrainingData data)
    {
        var network = Networks.HrsMnist(seed: 1);
        var trainer = new Trainer(new TrainingOptions { Epochs = 1, BatchSize = BatchSize });
        return new Work(() => trainer.Run(network, data), Steps);
    }

    // What a user would write: the same network, batches and rule with torch's own optimizer.
    private static Work Bare(Tensor images, Tensor labels)
    {
        var network = Networks.HrsMnist(seed: 1);
        return new Work(() =>
        {
            network.train();
            using var sgd = optim.SGD(network.parameters(), 0.01, momentum: 0.9, nesterov: true);
            for (long step = 0; step < Steps; step++)
            {
                using var scope = NewDisposeScope();
                sgd.zero_grad();
                var answer = network.call(images.narrow(0, step * BatchSize, BatchSize));
                nn.functional.cross_entropy(answer, labels.narrow(0, step * BatchSize, BatchSize)).backward();
                sgd.step();
            }
        }, Steps);
    }

    private static Work Switching(ITrainingData data, int channels)
    {
        var trainer = new SwitchingTrainer(HrsBlocks.Mnist(), [channels, channels], new TrainingOptions { Epochs = 1, BatchSize = BatchSize });
        return new Work(() =>
        {
            var folder = Directory.CreateTempSubdirectory("defenses-");
            trainer.Run(data, folder.FullName).Dispose();
            folder.Delete(recursive: true);
        }, 1);
    }
}
