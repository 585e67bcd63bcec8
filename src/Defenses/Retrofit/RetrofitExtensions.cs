using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>Inserts layers into an existing model, trained or untrained, of any origin.</summary>
/// <remarks>
/// <para>Every module of the wanted type below the model is visited in module order; a place that several paths lead to is visited once. For
/// each module, <c>make</c> receives its path (as in <c>named_modules</c>) and returns the layer to insert, or null to leave the module unchanged.</para>
/// <para>The route is chosen for each place: the slot of a container (Sequential, ModuleList, ModuleDict), the fields of the parent,
/// read-only ones, arrays, lists and dictionaries too, or a hook where a field is declared with a concrete type such as Conv2d.
/// Weights keep their keys and their order, so that files saved before can be loaded afterwards, and vice versa; weights of the
/// layers themselves, if they have any, are added. Layers take over the mode of the module and move with the model.</para>
/// <para>The probe then runs through the model in evaluation mode without a graph, and every layer must run at least once. If one
/// does not, or anything else fails, the model is restored and an exception gives the reason. Modes, flags, gradients and the streams
/// of existing layers do not change. A model that draws its route at random is probed repeatedly.</para>
/// <para>A function called inside <c>forward</c>, such as torch.nn.functional.relu, and modules that
/// are not registered cannot be found or changed. Unregistered modules are named in <see cref="RetrofitReport.Warnings"/>.</para>
/// </remarks>
public static class RetrofitExtensions
{
    /// <summary>Replaces every ReLU module; other activations, such as ReLU6, by <see cref="Replace{TModule}"/>.</summary>
    /// <param name="model">The model; changed in place until the report is disposed.</param>
    /// <param name="make">From the path of a module to the layer that replaces it, a new one for each path; null leaves the module.</param>
    /// <param name="probe">Some inputs of the network itself (behind any preprocessing), (N, …), on its device. One example is enough.</param>
    /// <returns>A report of the changes; dispose it to undo them.</returns>
    /// <exception cref="InvalidOperationException">No matching module, a layer that never ran, or an output of another shape.</exception>
    /// <exception cref="ArgumentException">The probe is no batch, or a layer is part of the model already.</exception>
    public static RetrofitReport ReplaceReLU(this nn.Module<Tensor, Tensor> model, Func<string, nn.Module<Tensor, Tensor>?> make, Tensor probe) =>
        model.Replace<ReLU>(make, probe);

    /// <summary>Replaces every module of a type, for example every ReLU6 of a MobileNet.</summary>
    /// <remarks>
    /// <para>The new layer replaces the whole function of the old module. A JumpReLU in place of a ReLU6 loses the cap at 6:
    /// min(max(x, 0), 6) becomes x·[x > κ], which is unbounded. To keep the cap, put a bound behind the jump, min(x·[x > κ], 6):
    /// <c>model.Replace&lt;ReLU6&gt;(_ => nn.Sequential(new JumpReLU(0.1), new BoundedReLU(6)), probe)</c>.</para>
    /// <para>Weights of the replaced modules leave <c>state_dict</c> until the report is disposed, and weights of the layers take their place. Where a hook
    /// was used, the old module stays with its weights and still runs, but its output is discarded.</para>
    /// <para>If the model cannot run before the replacement, it is checked only afterwards.</para>
    /// </remarks>
    /// <inheritdoc cref="ReplaceReLU"/>
    /// <typeparam name="TModule">The type of module, or a base of it.</typeparam>
    public static RetrofitReport Replace<TModule>(this nn.Module<Tensor, Tensor> model, Func<string, nn.Module<Tensor, Tensor>?> make, Tensor probe)
        where TModule : nn.Module<Tensor, Tensor> => new RetrofitRun(model, make, probe, Placement.Instead).Run<TModule>();

    /// <summary>Inserts a layer before every module of a type, for example noise before every convolution.</summary>
    /// <inheritdoc cref="ReplaceReLU"/>
    /// <typeparam name="TModule">The type of module, or a base of it.</typeparam>
    public static RetrofitReport InsertBefore<TModule>(this nn.Module<Tensor, Tensor> model, Func<string, nn.Module<Tensor, Tensor>?> make, Tensor probe)
        where TModule : nn.Module<Tensor, Tensor> => new RetrofitRun(model, make, probe, Placement.Before).Run<TModule>();

    /// <summary>Inserts a layer after every module of a type, for example stochastic activation pruning after every ReLU.</summary>
    /// <inheritdoc cref="ReplaceReLU"/>
    /// <typeparam name="TModule">The type of module, or a base of it.</typeparam>
    public static RetrofitReport InsertAfter<TModule>(this nn.Module<Tensor, Tensor> model, Func<string, nn.Module<Tensor, Tensor>?> make, Tensor probe)
        where TModule : nn.Module<Tensor, Tensor> => new RetrofitRun(model, make, probe, Placement.After).Run<TModule>();
}
