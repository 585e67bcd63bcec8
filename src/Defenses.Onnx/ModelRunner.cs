using System.Runtime.InteropServices;
using Defenses.Models;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Onnx;

/// <summary>Runs a model on images and reads its output as a row of scores for each image.</summary>
internal sealed class ModelRunner : IDisposable
{
    private readonly GuardedSession _session;
    private readonly Func<Tensor, Tensor>? _preprocessing;
    private readonly ScoreKind _kind;
    private readonly long _columns;

    internal ModelRunner(GuardedSession session, Signature signature, OnnxOptions options)
    {
        (_session, Signature, _preprocessing) = (session, signature, options.Preprocessing);
        _columns = Columns(options.Classes);
    }

    private ModelRunner(ModelRunner runner, ScoreKind kind) =>
        (_session, Signature, _preprocessing, _columns, _kind) = (runner._session, runner.Signature, runner._preprocessing, runner._columns, kind);

    internal Signature Signature { get; }

    /// <summary>Whether the model gives one number for each image, as models of two classes may.</summary>
    internal bool OneColumn => _columns == 1;

    internal long Classes => OneColumn ? 2 : _columns;

    public void Dispose() => _session.Dispose();

    internal ModelRunner As(ScoreKind kind) => new(this, kind);

    /// <summary>Images (N, …) to scores (N, classes), of the output's type, on the images' device.</summary>
    internal Tensor Run(Tensor images) => _session.Use(session => Run(session, images));

    private Tensor Run(InferenceSession session, Tensor images)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var input = Input(images);
        var rows = images.shape[0];
        var parts = new List<Tensor>();
        for (var (at, size) = (0L, Signature.Batch ?? rows); at < rows; at += size)
        {
            var count = Math.Min(size, rows - at);
            parts.Add(Rows(Query(session, Filled(input.narrow(0, at, count), size)), size).narrow(0, 0, count));
        }
        var scores = parts.Count == 1 ? parts[0] : cat(parts);
        return (OneColumn ? TwoColumns(scores) : scores).to(images.device).MoveToOuterDisposeScope();
    }

    // The images as the model takes them: preprocessed, on the CPU, of its type. Shapes are compared before ONNX Runtime does.
    private Tensor Input(Tensor images)
    {
        var x = _preprocessing is null ? images : _preprocessing(images);
        if (x.dim() == 0 || x.shape[0] != images.shape[0])
            throw new InvalidOperationException($"Preprocessing must keep the {images.shape[0]} images of a batch; it gave shape {Text(x.shape)}.");
        if (!Signature.Input.Fits(x.shape, fromImages: true))
            throw new ArgumentException(
                $"x must fit the model's input {Signature.Input}; it has shape {Text(images.shape)}" +
                (_preprocessing is null ? ". Resize or reshape the images, or set OnnxOptions.Preprocessing." : $", and {Text(x.shape)} after preprocessing."),
                nameof(x));
        return x.detach().to(Signature.Input.Type!.Value, CPU).contiguous();
    }

    private static Tensor Filled(Tensor part, long size) => part.shape[0] == size
        ? part
        : cat([part, part.narrow(0, part.shape[0] - 1, 1).expand([size - part.shape[0], .. part.shape[1..]])]);

    // The output for one batch, copied from ONNX Runtime's memory.
    private unsafe Tensor Query(InferenceSession session, Tensor batch)
    {
        try
        {
            fixed (byte* data = &MemoryMarshal.GetReference(batch.bytes))
            {
                using var value = OrtValue.CreateTensorValueWithData(
                    OrtMemoryInfo.DefaultInstance, Signature.Input.Element, batch.shape, (nint)data, batch.bytes.Length);
                using var options = new RunOptions();
                using var outputs = session.Run(options, [Signature.Input.Name], [value], [Signature.Output.Name]);
                return Copy(outputs[0]);
            }
        }
        catch (OnnxRuntimeException error)
        {
            throw new InvalidOperationException(
                $"ONNX Runtime could not run '{_session.Path}' on a batch of shape {Text(batch.shape)}: {error.Message}. Where the graph works for one image " +
                "only, set OnnxOptions.LargestBatch = 1.", error);
        }
    }

    private Tensor Copy(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        var copy = empty(info.Shape, Signature.Output.Type!.Value);
        if (info.ElementCount > 0) value.GetTensorMutableRawData().CopyTo(copy.bytes);
        return copy;
    }

    // (n, columns): one row for each image. A file for one image may give (columns,).
    private Tensor Rows(Tensor output, long rows)
    {
        if (output.numel() == rows * _columns && (output.dim() == 0 || output.shape[0] == rows || rows == 1)) return output.reshape(rows, _columns);
        throw new InvalidOperationException(
            $"'{_session.Path}' must give {_columns} scores for each image; for {rows} of them its output '{Signature.Output.Name}' has shape " +
            $"{Text(output.shape)}." +
            (rows > 1 ? " Where the graph works for one image only, set OnnxOptions.LargestBatch = 1." : ""));
    }

    // Logits of the two classes: margin and cross-entropy are those of (0, z). Probabilities: those of both classes.
    private Tensor TwoColumns(Tensor one) => _kind == ScoreKind.Probabilities ? cat([1 - one, one], 1) : cat([one / -2, one / 2], 1);

    // The number of scores for an image: as the file says, as the caller says, or as a probe shows.
    private long Columns(long? asked)
    {
        var shape = Signature.Output.Shape;
        long? known = shape.Count switch { 0 => null, 1 => Signature.Batch == 1 ? shape[0] : 1, _ => shape[1] };
        known ??= asked is null ? Probe() : null;
        var columns = known ?? asked!.Value;
        if (asked is { } classes && classes != Math.Max(columns, 2))
            throw new ArgumentException($"Classes must be that of '{_session.Path}', whose output is {Signature.Output}; it is {classes}.", nameof(asked));
        return columns;
    }

    private long Probe()
    {
        var shape = Signature.Input.Shape;
        if (shape.Count == 0 || shape.Skip(1).Any(size => size is null))
            throw new NotSupportedException(
                $"'{_session.Path}' says neither how many classes it has nor how large its images are: {Signature.Input}; {Signature.Output}. " +
                "Set OnnxOptions.Classes.");
        using var scope = NewDisposeScope();
        var rows = Signature.Batch ?? 1;
        var output = _session.Use(session => Query(session, zeros([rows, .. shape.Skip(1).Select(size => size!.Value)], Signature.Input.Type)));
        if (output.numel() > 0 && output.numel() % rows == 0 && (output.dim() < 2 || output.shape.Skip(2).All(size => size == 1))) return output.numel() / rows;
        throw new NotSupportedException(
            $"'{_session.Path}' gives {Text(output.shape)} for {rows} images. A classifier gives one row of scores for each image, (n, classes).");
    }

    private static string Text(IEnumerable<long> shape) => $"({string.Join(", ", shape)})";
}
