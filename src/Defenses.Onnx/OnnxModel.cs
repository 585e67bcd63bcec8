using Defenses.Models;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace Defenses.Onnx;

/// <summary>A classifier in an ONNX file, run by ONNX Runtime: a black box for attacks that need no gradient, and for judges.</summary>
/// <remarks>
/// The file has one input (n, …) of float, double or float16, images channels-first, and an output with a row of scores for each image: (n, classes), or
/// one logit (n, 1) or (n,) as a model of two classes, whose logits are (−z/2, z/2). Dimensions of 1 behind the classes are dropped. With a fixed batch
/// size images are run in pieces of that size; the last piece is filled up with copies of its last image. Images are moved to the CPU and converted to
/// the input's type; scores return to the images' device. Several threads may query one model.
/// </remarks>
public sealed class OnnxModel : IDisposable
{
    private readonly ModelRunner _runner;

    private OnnxModel(ModelRunner runner, Bounds bounds, ScoreKind kind, bool isRandom, OnnxOptions options)
    {
        _runner = runner;
        (Bounds, Kind, IsRandom) = (bounds, kind, isRandom);
        var most = isRandom ? 1 : options.LargestBatch;
        Scores = new ScoreOracle(Answer, bounds, runner.Classes, isRandom) { Kind = kind, LargestBatch = most };
        Decisions = new DecisionOracle(Decide, bounds, runner.Classes, isRandom) { LargestBatch = most };
    }

    /// <summary>The model as an oracle that answers with scores, for every attack without gradients.</summary>
    public ScoreOracle Scores { get; }

    /// <summary>The same model as an oracle that answers with classes only. Its queries are counted separately.</summary>
    public DecisionOracle Decisions { get; }

    /// <summary>The valid range of the images before preprocessing.</summary>
    public Bounds Bounds { get; }

    /// <summary>The number of classes; 2 for a model of one logit.</summary>
    public long Classes => _runner.Classes;

    /// <summary>What the model's scores are.</summary>
    public ScoreKind Kind { get; }

    /// <summary>Whether equal images may be answered differently.</summary>
    public bool IsRandom { get; }

    /// <summary>The name of the input.</summary>
    public string Input => _runner.Signature.Input.Name;

    /// <summary>The name of the output with the scores.</summary>
    public string Output => _runner.Signature.Output.Name;

    /// <summary>The shape of the input, the batch first; null where any number fits, and empty where the file gives no shape.</summary>
    public IReadOnlyList<long?> InputShape => _runner.Signature.Input.Shape;

    /// <summary>Opens a model and checks that it is a classifier.</summary>
    /// <param name="path">The ONNX file. Files with external weights lie beside it, as ONNX says.</param>
    /// <param name="bounds">The valid range of the images before preprocessing, by default [0, 1].</param>
    /// <param name="options">What the file does not say. None by default.</param>
    /// <param name="session">ONNX Runtime's own options, such as execution providers. Not owned. By default the CPU, without a log.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is empty, truncated, no ONNX model, or one that ONNX Runtime cannot load.</exception>
    /// <exception cref="NotSupportedException">The model is no classifier of one input: the message says what it is, and what to do.</exception>
    /// <exception cref="ArgumentException">Threads and a session with its own number are both given, or classes or output contradict the file.</exception>
    public static OnnxModel Open(string path, Bounds? bounds = null, OnnxOptions? options = null, SessionOptions? session = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new OnnxOptions();
        if (options.Threads is not null && session is not null)
            throw new ArgumentException("Threads must be null where session is given: set session.IntraOpNumThreads.", nameof(options));
        var guarded = GuardedSession.Open(path, options.Threads, session);
        try
        {
            var runner = new ModelRunner(guarded, SignatureReader.Read(path, guarded, options), options);
            var graph = OnnxGraph.Read(path);
            var kind = options.Kind ?? (graph.GivesProbabilities(runner.Signature.Output.Name, runner.OneColumn) ? ScoreKind.Probabilities : ScoreKind.Logits);
            return new OnnxModel(runner.As(kind), bounds ?? Bounds.Unit, kind, options.IsRandom ?? graph.Draws, options);
        }
        catch
        {
            guarded.Dispose();
            throw;
        }
    }

    /// <summary>Frees the session, when the last running query has ended. Later queries throw an <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose() => _runner.Dispose();

    private Tensor Answer(Tensor x) => _runner.Run(x);

    private Tensor Decide(Tensor x)
    {
        using var scope = NewDisposeScope();
        return _runner.Run(x).argmax(1).MoveToOuterDisposeScope();
    }
}
