using System.Runtime.InteropServices;
using Defenses.Benchmarks.Measuring;
using Defenses.Models;
using Defenses.Onnx;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Benchmarks.Rows;

/// <summary>What an oracle adds to the answers of what it wraps. The ONNX file is beside the repository; without it its rows are left out.</summary>
internal sealed class OracleRows(Subject subject)
{
    private const double Bar = 1.05;

    public static IEnumerable<Row> All(Subject subject)
    {
        var rows = new OracleRows(subject);
        return [.. new long[] { 100, 1 }.SelectMany(rows.Of)];
    }

    private IEnumerable<Row> Of(long batch)
    {
        var (images, labels) = subject.Take(batch);
        labels.Dispose();
        var plain = new Work(() => subject.Network.call(images).Dispose(), batch);
        var model = subject.Model();
        yield return new Row($"ScoreOracle, batch {batch} ÷ bare pass", Answer(new ScoreOracle(Pass, Bounds.Unit, 10), images), Without(plain), Bar);
        yield return new Row($"Classifier, batch {batch} ÷ bare pass", Answer(model, images), Without(plain));
        if (Subject.OnnxPath is not { } path) yield break;
        var onnx = OnnxModel.Open(path, Bounds.Unit, new OnnxOptions { Threads = get_num_threads() });
        var bare = Bare(path, images);
        yield return new Row($"OnnxModel.Scores, batch {batch} ÷ bare session", Answer(onnx.Scores, images), bare, Bar);
        yield return new Row($"OnnxModel.Decisions, batch {batch} ÷ bare session", Answer(onnx.Decisions, images), bare);
        yield return new Row($"bare session, batch {batch} ÷ bare pass of torch", bare, Without(plain));
    }

    private Tensor Pass(Tensor x) => subject.Network.call(x);

    private static Work Answer(ModelView model, Tensor images) => new(() => model.Logits(images).Dispose(), images.shape[0]);

    private static Work Without(Work work) => work with
    {
        Run = () =>
        {
            using var noGrad = no_grad();
            work.Run();
        },
    };

    // The session alone, on memory that stays.
    private static unsafe Work Bare(string path, Tensor images)
    {
        using var options = new SessionOptions { IntraOpNumThreads = get_num_threads(), LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        var session = new InferenceSession(path, options);
        var memory = (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(images.bytes));   // torch's memory does not move
        var input = OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, images.shape, memory, images.bytes.Length);
        var run = new RunOptions();
        return new Work(() => session.Run(run, ["images"], [input], ["logits"]).Dispose(), images.shape[0]);
    }
}
