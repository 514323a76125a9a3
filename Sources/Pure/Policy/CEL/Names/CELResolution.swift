/// What the names of a tree mean in an environment. Names resolve by the longest prefix, in the
/// container first; variables of macros hide all others (specs of the policy, 5.5).
package struct CELResolution: Sendable {
    package enum Reference: Sendable, Hashable {
        /// A variable of the environment, by slot.
        case variable(Int)
        /// A variable of a macro or of `cel.bind`: its slot in the frame of locals.
        case local(Int)
        /// The name of a type.
        case type(CELTypeName)
        /// A function of the library, by place. The target, if any, is its first argument.
        case function(Int)
        /// A function whose name was qualified: the target is a namespace and no argument.
        case qualifiedFunction(Int)
    }

    /// By node; nil where nothing was found, which the checker refuses and evaluation answers with
    /// `undeclared`, for names and functions alike. On `has(a.b)` and `a.?b` a variable
    /// stands for the whole dotted name `a.b`: the question is whether it has a value.
    package internal(set) var references: [CELTree.ID: Reference] = [:]
    /// Where the variables of each macro or binding live: by its node, the first slot.
    package internal(set) var frames: [CELTree.ID: Int] = [:]
    /// How many locals live at once at most.
    package internal(set) var localCount = 0

    package init() {}
}
