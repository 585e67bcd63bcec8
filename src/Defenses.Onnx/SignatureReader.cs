using Microsoft.ML.OnnxRuntime.Tensors;

namespace Defenses.Onnx;

/// <summary>The input for images and the output with scores.</summary>
internal sealed record Signature(Port Input, Port Output)
{
    /// <summary>The batch size that the file fixes, or null.</summary>
    internal long? Batch => Input.Shape.Count > 0 ? Input.Shape[0] : null;
}

/// <summary>Finds the input and the output of a classifier among those of a model; refuses other models in words.</summary>
internal static class SignatureReader
{
    internal static Signature Read(string path, GuardedSession session, OnnxOptions options)
    {
        var input = Input(path, session.Inputs, options);
        return new Signature(input, Output(path, session.Outputs, options));
    }

    private static Port Input(string path, IReadOnlyList<Port> inputs, OnnxOptions options)
    {
        if (inputs.Count == 0) throw No(path, "has no input; a classifier has one, for images.");
        if (inputs.Count > 1)
            throw No(path, $"has {inputs.Count} inputs: {List(inputs)}. A classifier has one, for images. Make the others constants of the file, or run the " +
                "session in a function of your own and wrap it in a ScoreOracle.");
        var input = inputs[0];
        if (!input.IsTensor) throw No(path, $"takes {input.Word()} ('{input.Name}'). A classifier takes a tensor of images, (n, channels, height, width).");
        if (input.Type is null)
            throw No(path, $"takes {input.Element} (input {input}). Images are Float, Double or Float16. Export the model with an input of one of these, " +
                "with the conversion inside the graph.");
        if (input.Shape.Count == 1)
            throw No(path, $"has the input {input}. The input must have a batch first: (n, channels, height, width), or (n, features).");
        if (options.Preprocessing is null && IsChannelsLast(input.Shape))
            throw No(path, $"has the input {input}, which looks channels-last. Images are channels-first, (n, channels, height, width). Export the model so, " +
                "or set OnnxOptions.Preprocessing = x => x.permute(0, 2, 3, 1).");
        return input;
    }

    private static Port Output(string path, IReadOnlyList<Port> outputs, OnnxOptions options)
    {
        if (outputs.Count == 0) throw No(path, "has no output; a classifier gives scores, (n, classes).");
        if (options.Output is { } name)
        {
            var named = outputs.FirstOrDefault(output => output.Name == name) ?? throw new ArgumentException(
                $"Output must name an output of '{path}'; it is '{name}', and the file has {List(outputs)}.", nameof(options));
            return Fault(named) is { } fault ? throw No(path, fault) : named;
        }
        var fitting = outputs.Where(output => Fault(output) is null).ToList();
        if (fitting.Count == 1) return fitting[0];
        if (fitting.Count > 1)
            throw No(path, $"has {fitting.Count} outputs that may hold scores: {List(fitting)}. Set OnnxOptions.Output to the name of the right one.");
        throw No(path, string.Join(" It ", outputs.Select(Fault)));
    }

    // Why the output holds no scores; null where it may.
    private static string? Fault(Port output)
    {
        if (output.Kind is Microsoft.ML.OnnxRuntime.OnnxValueType.ONNX_TYPE_SEQUENCE or Microsoft.ML.OnnxRuntime.OnnxValueType.ONNX_TYPE_MAP)
            return $"gives {output.Word()} ('{output.Name}'). Scores are a tensor, (n, classes). A model of scikit-learn is exported with zipmap=False.";
        if (!output.IsTensor) return $"gives {output.Word()} ('{output.Name}'). Scores are a tensor, (n, classes).";
        if (output.Element == TensorElementType.String)
            return $"gives text (output {output}). Scores are numbers, (n, classes). Export the model with its scores as an output.";
        if (output.Type is null)
            return $"gives {output.Element} (output {output}). Scores are Float, Double or Float16, (n, classes). Export the model with its scores as an " +
                "output; where it has classes only, run the session in a function of your own and wrap it in a DecisionOracle.";
        if (output.Shape.Skip(2).Any(size => size is not (null or 1)))
            return $"gives {output}. A classifier gives one row of scores for each image, (n, classes): models that segment, detect or generate have no class.";
        return null;
    }

    private static bool IsChannelsLast(IReadOnlyList<long?> shape) =>
        shape.Count == 4 && shape[1] is null or > 4 && shape[3] is 1 or 3 or 4 && shape[2] is null or > 4;

    private static string List(IEnumerable<Port> ports) => string.Join("; ", ports);

    private static NotSupportedException No(string path, string what) => new($"'{path}' {what}");
}
