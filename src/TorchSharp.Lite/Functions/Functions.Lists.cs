namespace TorchSharp;

public static partial class torch
{
    // Functions of several tensors.
    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => Op.Call("cat", Many(tensors), dim);
    public static Tensor concat(IList<Tensor> tensors, long dim = 0) => Op.Call("cat", Many(tensors), dim);
    public static Tensor concatenate(IList<Tensor> tensors, long axis = 0) => Op.Call("cat", Many(tensors), axis);
    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => Op.Call("stack", Many(tensors), dim);
    public static Tensor hstack(params Tensor[] tensors) => Op.Call("hstack", tensors);
    public static Tensor hstack(IList<Tensor> tensors) => Op.Call("hstack", Many(tensors));
    public static Tensor hstack(IEnumerable<Tensor> tensors) => Op.Call("hstack", Many(tensors));
    public static Tensor vstack(IList<Tensor> tensors) => Op.Call("vstack", Many(tensors));
    public static Tensor dstack(params Tensor[] tensors) => Op.Call("dstack", tensors);
    public static Tensor dstack(IList<Tensor> tensors) => Op.Call("dstack", Many(tensors));
    public static Tensor dstack(IEnumerable<Tensor> tensors) => Op.Call("dstack", Many(tensors));
    public static Tensor row_stack(params Tensor[] tensors) => Op.Call("row_stack", tensors);
    public static Tensor row_stack(IList<Tensor> tensors) => Op.Call("row_stack", Many(tensors));
    public static Tensor column_stack(params Tensor[] tensors) => Op.Call("column_stack", tensors);
    public static Tensor column_stack(IList<Tensor> tensors) => Op.Call("column_stack", Many(tensors));
    public static Tensor block_diag(params Tensor[] tensors) => Op.Call("block_diag", tensors);
    public static Tensor cartesian_prod(params Tensor[] tensors) => Op.Call("cartesian_prod", tensors);
    public static Tensor cartesian_prod(IList<Tensor> tensors) => Op.Call("cartesian_prod", Many(tensors));
    public static Tensor combinations(Tensor input, int r = 2, bool with_replacement = false) =>
        Op.Call("combinations", input, r, with_replacement);
    public static Tensor einsum(string equation, params Tensor[] tensors) => Op.Call("einsum", equation, tensors);
    public static Tensor[] meshgrid(IEnumerable<Tensor> tensors, string indexing = "ij") =>
        Op.CallList("meshgrid.indexing", Many(tensors), indexing);
    public static IList<Tensor> broadcast_tensors(params Tensor[] tensors) => Op.CallList("broadcast_tensors", tensors);

    public static Tensor where(Tensor condition, Tensor x, Tensor y) => Op.Call("where.self", condition, x, y);
    public static Tensor[] where(Tensor condition) => Op.CallList("where", condition);

    public static Tensor searchsorted(Tensor sorted_sequence, Tensor values, bool out_int32 = false, bool right = false,
        Tensor? sorter = null) =>
        Op.Call("searchsorted.Tensor", sorted_sequence, values, out_int32, right, Arg.None, sorter);

    public static Tensor searchsorted(Tensor sorted_sequence, Scalar values, bool out_int32, bool right, Tensor sorter) =>
        Op.Call("searchsorted.Scalar", sorted_sequence, values, out_int32, right, Arg.None, sorter);

    public static Tensor norm(Tensor input) => input.norm();

    public static Tensor cdist(Tensor x1, Tensor x2, double p = 2,
        compute_mode compute_mode = compute_mode.use_mm_for_euclid_dist_if_necessary) =>
        Op.Call("cdist", x1, x2, p, (long)compute_mode);

    public static Tensor movedim(Tensor input, long source, long destination) => input.movedim([source], [destination]);
    public static Tensor moveaxis(Tensor input, long source, long destination) => input.movedim([source], [destination]);
    public static Tensor gather(Tensor input, long dim, Tensor index, bool sparse_grad = false) =>
        Op.Call("gather", input, dim, index, sparse_grad);
    public static Tensor trapz(Tensor y, double dx = 1, long dim = -1) => y.trapezoid(dx, dim);
    public static Tensor trapz(Tensor y, Tensor x, long dim = -1) => y.trapezoid(x, dim);

    public static ScalarType promote_types(ScalarType type1, ScalarType type2) =>
        (ScalarType)Op.CallValue("promote_types", type1, type2).Bits;
    public static ScalarType result_type(Tensor tensor1, Tensor tensor2) =>
        (ScalarType)Op.CallValue("result_type.Tensor", tensor1, tensor2).Bits;
    public static bool can_cast(ScalarType from, ScalarType to) => Op.CallValue("can_cast", from, to).Bits != 0;

    private static Tensor[] Many(IEnumerable<Tensor> tensors) => tensors as Tensor[] ?? [.. tensors];
}
