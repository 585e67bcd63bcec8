using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Which modules are in training mode.</summary>
internal static class NetworkModes
{
    /// <summary>Whether the mode of a module is training mode and means something; stochastic layers have phases of their own.</summary>
    internal static bool IsInTraining(nn.Module module) =>
        (module.training && module is not (StochasticLayer or DelegateNetwork) && !(module is jit.ScriptModule script && IsFrozen(script)))
        || (module is ScriptNetwork compiled && compiled.HasPartInTraining);

    /// <summary>Whether a TorchScript module has no mode. Torch says of it that it trains, whatever is set.</summary>
    internal static bool IsFrozen(jit.ScriptModule script)
    {
        if (!script.training) return false;
        using var scope = NewDisposeScope();   // for the handles that TorchSharp makes of its parts
        using var mode = new EvaluationMode(script);
        return script.training;
    }

    /// <summary>Whether a part of a TorchScript module trains. Torch makes new handles of the parts each time; they are disposed.</summary>
    internal static bool HasPartInTraining(jit.ScriptModule script)
    {
        using var scope = NewDisposeScope();
        nn.Module[] parts = [.. script.modules()];
        try { return parts.Any(part => part.training && !(part is jit.ScriptModule compiled && IsFrozen(compiled))); }
        finally
        {
            foreach (var part in parts) part.Dispose();
        }
    }

    /// <summary>The name of a module. Torch does not name TorchScript modules, and ends the process when their name is read.</summary>
    internal static string Name(nn.Module module) => module is jit.ScriptModule ? "TorchScript" : module.GetName();
}
