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
        var plain = Plain(data);
        yield return new Row("nothing (control: 1)", plain, plain);
        if (PythonWork.Training(get_num_threads()) is { } python)
            yield return new Row("a step, batch 128, SGD with Nesterov momentum ÷ the same in Python", plain, python, Bar: 1.05);
        yield return new Row("switching, 2 × 2 channels ÷ 1 × 1", Switching(data, 2), Switching(data, 1), Bar: 2.1);
        yield return new Row("switching, 4 × 4 channels ÷ 2 × 2", Switching(data, 4), Switching(data, 2), Bar: 2.1);
    }

    private static Work Plain(ITrainingData data)
    {
        var network = Networks.HrsMnist(seed: 1);
        var trainer = new Trainer(new TrainingOptions { Epochs = 1, BatchSize = BatchSize });
        return new Work(() => trainer.Run(network, data), Steps);
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
