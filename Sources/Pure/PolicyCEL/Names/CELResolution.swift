/// The meaning of a tree's names in an environment. Names resolve by the longest prefix, in the container
/// first; variables of macros hide all others (docs/specs/policy.md, section 5.5).
package struct CELResolution: Sendable {
    package enum Reference: Sendable, Hashable {
        /// A variable of the environment, by slot.
        case variable(Int)
        /// A variable of a macro or of `cel.bind`: its slot in the frame of locals.
        case local(Int)
        /// The name of a type.
        case type(CELTypeName)
        /// A function of the library, by index. The target, if present, is its first argument.
        case function(Int)
        /// A function with a qualified name: the target is a namespace, not an argument.
        case qualifiedFunction(Int)
    }

    /// The references by node. The checker rejects a name or function without a reference, and its
    /// evaluation ends in `undeclared`. For `has(a.b)` and `a.?b`, a variable represents the whole dotted
    /// name `a.b`: the question is whether it has a value.
    package internal(set) var references: [CELTree.ID: Reference] = [:]
    /// The first slot of the variables of each macro or binding, by its node.
    package internal(set) var frames: [CELTree.ID: Int] = [:]
    /// The maximum number of locals that exist at the same time.
    package internal(set) var localCount = 0

    package init() {}
}
