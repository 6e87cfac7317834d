# SPDX-License-Identifier: GPL-2.0-only
# bash completion for kmreplay(1).  The presets and backends are those that the program lists.

# Names in section "machines", "page", "object", "vmap" or "pressure" of `kmreplay list --json`.
__kmreplay_names()
{
	"$1" list --json 2>/dev/null |
		sed -n '/^  "'"$2"'": \[/,/^  \]/s/^      "name": "\([^"]*\)".*/\1/p'
}

# Parameters of backend $2, with = behind them.
__kmreplay_params()
{
	"$1" list --json 2>/dev/null |
		awk -v backend="$2" -F '"' '
			/^      "name":/ { inside = $4 == backend }
			inside && /^          "name":/ { print $4 "=" }'
}

__kmreplay_files()
{
	local IFS=$'\n'

	compopt -o filenames 2>/dev/null
	COMPREPLY+=($(compgen -f -- "$1"))
}

__kmreplay_directories()
{
	local IFS=$'\n'

	compopt -o filenames 2>/dev/null
	COMPREPLY+=($(compgen -d -- "$1"))
}

# i386:ram=1280M,cpus=1, a machine file, a directory of dumps, or a snapshot
__kmreplay_machine()
{
	local program=$1 cur=$2 keys key

	case $cur in
	*:*)
		keys='ram= cpus= thp=on thp=off version=6.1 version=6.12 pageblock= kernel='
		[[ $cur == x86_64:* || $cur == arm64:* ]] && keys+=' nodes= distance='
		key=${cur##*[:,]}
		COMPREPLY=($(compgen -P "${cur%"$key"}" -W "$keys" -- "$key"))
		compopt -o nospace
		;;
	*)
		__kmreplay_files "$cur"
		COMPREPLY+=($(compgen -W "$(__kmreplay_names "$program" machines)" -- "$cur"))
		;;
	esac
}

# Backends of section $3: linux-6.1,nofragment=0.
__kmreplay_backend()
{
	local program=$1 cur=$2 section=$3 key names

	case $cur in
	*,*)
		key=${cur##*,}
		COMPREPLY=($(compgen -P "${cur%"$key"}" \
			-W "$(__kmreplay_params "$program" "${cur%%,*}")" -- "$key"))
		compopt -o nospace
		;;
	*)
		names=$(__kmreplay_names "$program" "$section")
		[[ $section == object || $section == vmap ]] && names+=' none'
		COMPREPLY=($(compgen -W "$names" -- "$cur"))
		;;
	esac
}

# Several of these, each with parameters: slub,max_order=0,slab.
__kmreplay_backends()
{
	local program=$1 cur=$2 section=$3 key names words last='' part parts

	key=${cur##*,}
	names=" $(__kmreplay_names "$program" "$section" | tr '\n' ' ')"
	[[ $section == object || $section == vmap ]] && names+='none '
	words=$names
	# the last that is no parameter is whose parameters may follow
	IFS=, read -ra parts <<<"${cur%"$key"}"
	for part in "${parts[@]}"; do
		[[ $part != *=* ]] && last=$part
	done
	[[ -n $last && $names == *" $last "* ]] && words+=$(__kmreplay_params "$program" "$last")
	COMPREPLY=($(compgen -P "${cur%"$key"}" -W "$words" -- "$key"))
	compopt -o nospace
}

# zones,limits
__kmreplay_sections()
{
	local section=${1##*,}

	COMPREPLY=($(compgen -P "${1%"$section"}" \
		-W 'zones memblock lsmem nodes zonelists watermarks memmap addresses limits' \
		-- "$section"))
	compopt -o nospace
}

# frag,hit,bytes
__kmreplay_sort()
{
	local key=${1##*,}

	COMPREPLY=($(compgen -P "${1%"$key"}" \
		-W 'ptr page callsite bytes hit pingpong frag order migtype gfp' -- "$key"))
	compopt -o nospace
}

_kmreplay()
{
	local program=${COMP_WORDS[0]} line word words cur prev command='' options i

	# bash cuts words at : and =, which are part of what is completed here
	line=${COMP_LINE:0:COMP_POINT}
	read -ra words <<<"$line"
	[[ $line == *[[:blank:]] ]] && words+=('')
	cur=${words[-1]}
	prev=''
	((${#words[@]} > 1)) && prev=${words[-2]}
	COMPREPLY=()

	for ((i = 1; i < ${#words[@]} - 1; i++)); do
		if [[ ${words[i]} != -* ]]; then
			command=${words[i]}
			break
		fi
	done
	if [[ -z $command ]]; then
		COMPREPLY=($(compgen -W 'replay compare verify info stat report diff plot show fit calibrate record machine gen convert list --help --version' -- "$cur"))
		return
	fi

	# --name=value is completed as --name value is
	local prefix=''
	if [[ $cur == --*=* ]]; then
		prev=${cur%%=*}
		prefix=$prev=
		cur=${cur#*=}
	fi

	case $command in
	replay) options='--output= --machine= --page= --object= --vmap= --pressure= --cost= --start= --by-task --json --strict --check --help' ;;
	compare)
		options='--output= --machine= --page= --object= --vmap= --pressure= --cost= --start= --jobs= --json'
		options+=' --strict --check --help'
		;;
	verify)
		options='--snapshot= --end-snapshot= --page= --object= --min-exact= --json --strict'
		options+=' --check --help'
		;;
	info) options='--json --strict --help' ;;
	stat)
		options='--slab --page --caller --alloc --cache --task --live --sort= --line= --time='
		options+=' --json --csv --strict --help'
		;;
	fit)
		options='--output= --machine= --page= --by= --top= --pages --anonymous --json --strict'
		options+=' --help'
		;;
	calibrate)
		options='--output= --cost= --machine= --page= --object= --start= --overhead='
		options+=' --event-overhead= --trim= --json --strict --help'
		;;
	record)
		options='--output= --force --time= --buffer= --stream --pages --clock= --instance='
		options+=' --tracefs= --proc= --sys= --help'
		;;
	report) options='--output= --format= --title= --no-plots --templates= --help' ;;
	diff) options='--run-a= --run-b= --threshold= --limit= --json --help' ;;
	plot) options='--output= --kind= --format= --run= --zones= --templates= --scripts-only --help' ;;
	machine) options='--show= --json --yaml --help' ;;
	show) options='--what= --run= --after --json --help' ;;
	gen) options='--output= --seed= --duration= --limit= --help' ;;
	convert) options='--output= --to= --strict --help' ;;
	list) options='--json --help' ;;
	*) return ;;
	esac
	options+=' --color --color= --progress --no-progress --quiet'

	case $command:$prev in
	*:--color)
		# its argument is optional, and stands behind = only
		if [[ -n $prefix ]]; then
			COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
		else
			__kmreplay_files "$cur"
		fi
		;;
	replay:--machine | replay:-m | compare:--machine | compare:-m | fit:--machine | fit:-m | calibrate:--machine | calibrate:-m)
		__kmreplay_machine "$program" "$cur"
		;;
	replay:--page | verify:--page | fit:--page | calibrate:--page | replay:-p | verify:-p | fit:-p | calibrate:-p)
		__kmreplay_backend "$program" "$cur" page
		;;
	replay:--object | verify:--object | calibrate:--object | replay:-O | verify:-O | calibrate:-O)
		__kmreplay_backend "$program" "$cur" object
		;;
	replay:--vmap | replay:-v) __kmreplay_backend "$program" "$cur" vmap ;;
	compare:--vmap | compare:-v) __kmreplay_backends "$program" "$cur" vmap ;;
	replay:--pressure | replay:-P | compare:--pressure | compare:-P)
		__kmreplay_backend "$program" "$cur" pressure
		;;
	compare:--page | compare:-p) __kmreplay_backends "$program" "$cur" page ;;
	compare:--object | compare:-O) __kmreplay_backends "$program" "$cur" object ;;
	compare:--jobs | compare:-J) COMPREPLY=($(compgen -W '1 2 4 8' -- "$cur")) ;;
	replay:--start | replay:-s | compare:--start | compare:-s | calibrate:--start | calibrate:-s)
		COMPREPLY=($(compgen -W 'snapshot proc infer boot' -- "$cur"))
		;;
	show:--what | show:-w)
		COMPREPLY=($(compgen -W 'buddyinfo pagetypeinfo extfrag_index unusable_index slabinfo all' -- "$cur"))
		;;
	stat:--sort | stat:-s) __kmreplay_sort "$cur" ;;
	machine:--show | machine:-s) __kmreplay_sections "$cur" ;;
	stat:--line | stat:-l) COMPREPLY=($(compgen -W '10 20 50' -- "$cur")) ;;
	stat:--time | calibrate:--overhead | calibrate:--event-overhead | calibrate:--trim | calibrate:-t | gen:--seed | gen:--duration | gen:--limit) ;;
	calibrate:--cost | calibrate:-c | calibrate:--output | calibrate:-o | replay:--cost | replay:-c | compare:--cost | compare:-c | replay:--output | replay:-o | compare:--output | compare:-o | gen:--output | gen:-o | fit:--output | fit:-o | convert:--output | convert:-o)
		__kmreplay_files "$cur"
		;;
	convert:--to | convert:-t) COMPREPLY=($(compgen -W 'text llfree' -- "$cur")) ;;
	fit:--by | fit:-b) COMPREPLY=($(compgen -W 'site cache task' -- "$cur")) ;;
	fit:--top | fit:-t) COMPREPLY=($(compgen -W '50 200 1000' -- "$cur")) ;;
	record:--clock | record:-c)
		COMPREPLY=($(compgen -W 'local global perf mono mono_raw boot tai' -- "$cur"))
		;;
	record:--buffer | record:-b) COMPREPLY=($(compgen -W '16M 64M 256M 1G' -- "$cur")) ;;
	record:--time | record:-t) COMPREPLY=($(compgen -W '10 1m 10m 1h' -- "$cur")) ;;
	record:--instance) ;;
	record:--output | record:-o | record:--tracefs | record:--proc | record:--sys)
		__kmreplay_directories "$cur"
		;;
	report:--output | report:-o) __kmreplay_files "$cur" ;;
	report:--format | report:-f) COMPREPLY=($(compgen -W 'html md csv json txt' -- "$cur")) ;;
	report:--templates) __kmreplay_directories "$cur" ;;
	report:--title | report:-t | diff:--run-a | diff:-a | diff:--run-b | diff:-b) ;;
	diff:--threshold | diff:-t) COMPREPLY=($(compgen -W '1 5 10' -- "$cur")) ;;
	diff:--limit | diff:-n) COMPREPLY=($(compgen -W '0 10 40' -- "$cur")) ;;
	plot:--output | plot:-o | plot:--templates | plot:-t) __kmreplay_directories "$cur" ;;
	plot:--format | plot:-f) COMPREPLY=($(compgen -W 'png svg pdf embed png,svg,pdf' -- "$cur")) ;;
	plot:--kind | plot:-k)
		COMPREPLY=($(compgen -W 'panels overlay latency memory-map mobility-map free-blocks
			unusable-index extfrag-index contiguity watermarks mobility pageblocks
			unmovable-blocks extfrag-matrix extfrag-time pressure slab-use internal-frag
			live-memory sizes lifetimes numa' -- "$cur"))
		;;
	plot:--run | plot:-r) ;;
	plot:--zones | plot:-z) COMPREPLY=($(compgen -W 'large all' -- "$cur")) ;;
	verify:--snapshot | verify:-s | verify:--end-snapshot | verify:-e) __kmreplay_files "$cur" ;;
	verify:--min-exact | verify:-m) COMPREPLY=($(compgen -W '100 99.99' -- "$cur")) ;;
	*)
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W "$options" -- "$cur"))
			[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
		elif [[ $command == record ]]; then
			COMPREPLY=($(compgen -c -- "$cur"))
		elif [[ $command == machine ]]; then
			__kmreplay_machine "$program" "$cur"
		elif [[ $command != list ]]; then
			__kmreplay_files "$cur"
		fi
		;;
	esac

	# what stands before the last : or = is on the line already, and bash adds to what follows
	word=$prefix$cur
	local cut=''
	[[ $word == *[:=]* && $COMP_WORDBREAKS == *:* ]] && cut=${word%"${word##*[:=]}"}
	cut=${cut#"$prefix"}
	if [[ -n $cut ]]; then
		for i in "${!COMPREPLY[@]}"; do
			COMPREPLY[i]=${COMPREPLY[i]#"$cut"}
		done
	fi
}

complete -F _kmreplay kmreplay
