namespace Defenses.Onnx;

/// <summary>The operators of a file's main graph, read from its protocol buffers; weights are skipped.</summary>
/// <remarks>ONNX Runtime does not show the graph. Field numbers: onnx.proto3. A file that is no protocol buffer (ONNX Runtime's own format) has none.</remarks>
internal sealed class OnnxGraph
{
    private const int ModelGraph = 7, GraphNode = 1, NodeInput = 1, NodeOutput = 2, NodeOperator = 4;
    private static readonly HashSet<string> s_drawing = ["RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli", "Multinomial"];
    private static readonly HashSet<string> s_reshaping = ["Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Cast"];
    private readonly Dictionary<string, (string Operator, string Input)> _origin = [];

    private OnnxGraph()
    {
    }

    /// <summary>Whether an operator draws.</summary>
    internal bool Draws => _origin.Values.Any(node => s_drawing.Contains(node.Operator));

    internal static OnnxGraph Read(string path)
    {
        var graph = new OnnxGraph();
        using var file = new ProtocolBuffer(File.OpenRead(path));
        try
        {
            file.Each(file.Length, field => { if (field.Number == ModelGraph) file.Each(field.End, graph.Member(file)); });
        }
        catch (InvalidDataException)
        {
            graph._origin.Clear();   // another format that ONNX Runtime reads: nothing is known of its operators
        }
        return graph;
    }

    /// <summary>Whether the output is that of Softmax, or of Sigmoid where it is one number for each image.</summary>
    internal bool GivesProbabilities(string output, bool oneColumn)
    {
        for (var steps = _origin.Count; steps > 0 && _origin.TryGetValue(output, out var node); steps--)
        {
            if (!s_reshaping.Contains(node.Operator)) return node.Operator == (oneColumn ? "Sigmoid" : "Softmax");
            output = node.Input;
        }
        return false;
    }

    private Action<ProtocolField> Member(ProtocolBuffer file) => field =>
    {
        if (field.Number != GraphNode) return;
        var (name, input, outputs) = ("", "", new List<string>());
        file.Each(field.End, part =>
        {
            if (part.Number == NodeOperator) name = file.Text(part);
            if (part.Number == NodeInput && input == "") input = file.Text(part);
            if (part.Number == NodeOutput) outputs.Add(file.Text(part));
        });
        foreach (var output in outputs) _origin[output] = (name, input);
    };
}
