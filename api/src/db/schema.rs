//! The tables, as the migrations of both databases create them.

diesel::table! {
    users (id) {
        id -> Text,
        email -> Nullable<Text>,
        display_name -> Text,
        password_hash -> Nullable<Text>,
        disabled_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        access_changed_at -> Nullable<Timestamp>,
        deleted_list_versions -> BigInt,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        user_id -> Text,
        family_hash -> Text,
        token_hash -> Text,
        previous_hash -> Nullable<Text>,
        rotated_at -> Timestamp,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        user_agent -> Nullable<Text>,
        address -> Nullable<Text>,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Text,
        user_id -> Text,
        name -> Text,
        key_hash -> Text,
        hint -> Text,
        scopes -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        last_used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    password_resets (token_hash) {
        token_hash -> Text,
        user_id -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    invitations (token_hash) {
        token_hash -> Text,
        email -> Nullable<Text>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    idempotency_keys (user_id, idempotency_key) {
        user_id -> Text,
        idempotency_key -> Text,
        request_hash -> Text,
        status -> Integer,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        body -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    audit_events (id) {
        id -> Text,
        user_id -> Text,
        at -> Timestamp,
        kind -> Text,
        session_id -> Nullable<Text>,
        api_key_id -> Nullable<Text>,
        address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        request_id -> Nullable<Text>,
        detail -> Nullable<Text>,
    }
}

diesel::table! {
    securities (symbol) {
        symbol -> Text,
        name -> Text,
        mic -> Nullable<Text>,
        currency -> Text,
        country -> Nullable<Text>,
        isin -> Nullable<Text>,
        sector -> Nullable<Text>,
        indices -> Text,
        rank -> Integer,
        class -> Text,
        is_delisted -> Bool,
        last_import -> BigInt,
    }
}

diesel::table! {
    catalog_imports (id) {
        id -> Integer,
        begun -> BigInt,
        complete -> BigInt,
    }
}

diesel::table! {
    watchlists (id) {
        id -> Text,
        user_id -> Text,
        name -> Text,
        position -> Integer,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    watchlist_items (watchlist_id, symbol) {
        watchlist_id -> Text,
        symbol -> Text,
        position -> Integer,
        note -> Nullable<Text>,
        flag -> Nullable<Text>,
        section -> Nullable<Text>,
        added_at -> Timestamp,
    }
}

diesel::table! {
    bars (symbol, origin, interval_code, starts_at) {
        origin -> Text,
        symbol -> Text,
        interval_code -> Text,
        starts_at -> Timestamp,
        open -> BigInt,
        high -> BigInt,
        low -> BigInt,
        close -> BigInt,
        volume -> Nullable<BigInt>,
    }
}

diesel::table! {
    upstream_days (source, day) {
        source -> Text,
        day -> Date,
        calls -> BigInt,
    }
}

diesel::table! {
    clock_trust (id) {
        id -> Integer,
        seen_at -> Timestamp,
        even_since -> Timestamp,
    }
}

diesel::table! {
    write_checks (id) {
        id -> Integer,
        checked_at -> Timestamp,
    }
}

diesel::table! {
    feed_terms (id) {
        id -> Integer,
        term -> BigInt,
    }
}

diesel::table! {
    splits (symbol, day) {
        symbol -> Text,
        day -> Date,
        new_shares -> BigInt,
        old_shares -> BigInt,
    }
}

diesel::table! {
    used_tickets (id) {
        id -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    reset_mails (email) {
        email -> Text,
        requested_at -> Timestamp,
        due_at -> Timestamp,
        tries -> Integer,
        address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        request_id -> Nullable<Text>,
    }
}

diesel::table! {
    alerts (id) {
        id -> Text,
        user_id -> Text,
        symbol -> Text,
        condition -> Text,
        frequency -> Text,
        cooldown_s -> Nullable<Integer>,
        rearm -> Integer,
        session -> Text,
        expires_at -> Nullable<Timestamp>,
        note -> Nullable<Text>,
        state -> Text,
        version -> BigInt,
        arming -> BigInt,
        phase -> Integer,
        armed_at -> Timestamp,
        last_triggered_at -> Nullable<Timestamp>,
        last_trigger_day -> Nullable<Date>,
        last_trigger_as_of -> Nullable<Timestamp>,
        trigger_count -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    alert_changes (alert_id) {
        alert_id -> Text,
        symbol -> Text,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    alert_values (symbol, session) {
        symbol -> Text,
        session -> Text,
        price -> BigInt,
        previous_close -> Nullable<BigInt>,
        as_of -> Timestamp,
        day -> Date,
        mode -> Text,
        seen_at -> Timestamp,
    }
}

diesel::table! {
    alert_evaluation (id) {
        id -> Integer,
        evaluated_until -> Timestamp,
    }
}

diesel::table! {
    alert_events (id) {
        id -> Text,
        user_id -> Text,
        alert_id -> Text,
        symbol -> Text,
        condition -> Text,
        note -> Nullable<Text>,
        price -> Nullable<BigInt>,
        previous_price -> Nullable<BigInt>,
        as_of -> Timestamp,
        source -> Text,
        mode -> Text,
        triggered_at -> Timestamp,
        late_s -> Nullable<Integer>,
    }
}

diesel::table! {
    destinations (id) {
        id -> Text,
        user_id -> Text,
        kind -> Text,
        name -> Text,
        url -> Nullable<Text>,
        format -> Nullable<Text>,
        address -> Nullable<Text>,
        secret -> Nullable<Text>,
        previous_secret -> Nullable<Text>,
        previous_secret_until -> Nullable<Timestamp>,
        push_p256dh -> Nullable<Text>,
        push_auth -> Nullable<Text>,
        state -> Text,
        reason -> Nullable<Text>,
        confirm_hash -> Nullable<Text>,
        confirm_until -> Nullable<Timestamp>,
        failing_since -> Nullable<Timestamp>,
        last_delivered_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    alert_destinations (alert_id, destination_id) {
        alert_id -> Text,
        destination_id -> Text,
    }
}

diesel::table! {
    deliveries (id) {
        id -> Text,
        user_id -> Text,
        destination_id -> Text,
        event_id -> Nullable<Text>,
        payload -> Text,
        state -> Text,
        tries -> Integer,
        due_at -> Nullable<Timestamp>,
        status -> Nullable<Integer>,
        error -> Nullable<Text>,
        answer -> Nullable<Text>,
        created_at -> Timestamp,
        tried_at -> Nullable<Timestamp>,
        took_ms -> Nullable<Integer>,
    }
}

diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(api_keys -> users (user_id));
diesel::joinable!(password_resets -> users (user_id));
diesel::joinable!(watchlists -> users (user_id));
diesel::joinable!(watchlist_items -> watchlists (watchlist_id));
diesel::joinable!(watchlist_items -> securities (symbol));
diesel::joinable!(alerts -> users (user_id));
diesel::joinable!(alert_destinations -> alerts (alert_id));
diesel::joinable!(alert_destinations -> destinations (destination_id));
diesel::joinable!(deliveries -> destinations (destination_id));
diesel::allow_tables_to_appear_in_same_query!(
    users,
    sessions,
    api_keys,
    password_resets,
    watchlists,
    watchlist_items,
    securities,
    alerts,
    alert_changes,
    alert_destinations,
    destinations,
    deliveries
);
