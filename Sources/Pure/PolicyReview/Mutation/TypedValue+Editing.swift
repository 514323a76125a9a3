import InterlockPolicy

extension TypedValue {
    enum Edit {
        case remove
        case replace(Kind)
    }

    /// Returns the tree with one value changed. The paths of the remaining values do not change.
    ///
    /// - Parameter target: the path of the value. If several values share it (an expanded short form), the
    ///   outermost is changed.
    func edited(at target: String, _ edit: Edit) -> TypedValue {
        TypedValue(kind: editedKind(at: target, edit), place: place, path: path)
    }

    private func editedKind(at target: String, _ edit: Edit) -> Kind {
        switch kind {
        case .list(let items): .list(items.compactMap { $0.applying(edit, at: target) })
        case .record(let members):
            .record(
                members.compactMap { member in
                    member.value.applying(edit, at: target).map {
                        Member(key: member.key, keyPlace: member.keyPlace, value: $0)
                    }
                })
        default: kind
        }
    }

    /// Returns nil if the value is to be removed.
    private func applying(_ edit: Edit, at target: String) -> TypedValue? {
        if path == target {
            switch edit {
            case .remove: return nil
            case .replace(let kind): return TypedValue(kind: kind, place: place, path: path)
            }
        }
        return target.hasPrefix(path) ? edited(at: target, edit) : self
    }
}
